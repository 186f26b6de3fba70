-- Lets wrk send the requests of a file (see requests-file.mjs), one after the other, and print its figures as JSON.
-- Argument: the file.

local requests = {}
local next_request = 0

function init(args)
  local file = assert(io.open(args[1], "rb"))
  for request in string.gmatch(file:read("*a"), "[^%z]+") do
    requests[#requests + 1] = request
  end
  file:close()
end

function request()
  next_request = next_request % #requests + 1
  return requests[next_request]
end

function done(summary)
  local errors = summary.errors
  io.write(string.format(
    '{"answers":%d,"seconds":%f,"failures":%d}\n',
    summary.requests,
    summary.duration / 1e6,
    errors.connect + errors.read + errors.write + errors.timeout + errors.status
  ))
end
