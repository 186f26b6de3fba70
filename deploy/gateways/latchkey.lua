-- Asks Latchkey whether a request may pass: http-request lua.latchkey URL
-- Sets txn.latchkey.status, and the variables below from the headers of the answer. Without an answer, the status is 0.

local verifier = os.getenv("LATCHKEY_VERIFIER")
if not verifier then
    error("set LATCHKEY_VERIFIER to a key that was created with: latchkey keys create --use verify")
end

local TIMEOUT_MS = 3000

-- Headers of the client that Latchkey reads. A client that sends one of them twice is denied there.
local FORWARDED = { "authorization", "x-api-key", "accept" }

local VARIABLES = {
    ["x-latchkey-code"] = "code",
    ["x-latchkey-key-id"] = "key_id",
    ["x-latchkey-owner-id"] = "owner_id",
    ["x-latchkey-workspace-id"] = "workspace_id",
    ["x-latchkey-permissions"] = "permissions",
    ["www-authenticate"] = "challenge",
    ["ratelimit"] = "rate_limit",
    ["ratelimit-policy"] = "rate_limit_policy",
    ["retry-after"] = "retry_after",
}

-- HAProxy counts the values of a header from 0, Lua counts them from 1.
local function values_of(header)
    local values = {}
    local index = 0
    while header and header[index] do
        values[index + 1] = header[index]
        index = index + 1
    end
    return values
end

core.register_action("latchkey", { "http-req" }, function(txn, url)
    local sent = txn.http:req_get_headers()
    local headers = {
        ["latchkey-verifier"] = { verifier },
        ["x-forwarded-method"] = { txn.sf:method() },
        ["x-forwarded-uri"] = { txn.sf:pathq() },
        ["x-forwarded-for"] = { txn.sf:src() },
    }
    for _, name in ipairs(FORWARDED) do
        local values = values_of(sent[name])
        if #values > 0 then
            headers[name] = values
        end
    end

    local answer = core.httpclient():get({ url = url, headers = headers, timeout = TIMEOUT_MS })
    for name, variable in pairs(VARIABLES) do
        local value = values_of(answer.headers and answer.headers[name])[1]
        if value and value ~= "" then
            txn:set_var("txn.latchkey." .. variable, value)
        else
            txn:unset_var("txn.latchkey." .. variable)
        end
    end
    txn:set_var("txn.latchkey.status", answer.status or 0)
end, 1)
