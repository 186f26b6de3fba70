import type { Draft } from './draft.ts';
import type { FuzzRandom } from './fuzz-random.ts';
import { headerValue, makeSense } from './meaning.ts';
import type { Operation } from './operations.ts';
import type { Samples } from './samples.ts';
import { anyText } from './texts.ts';
import type { Credential, World } from './world.ts';

const JUNK_IDS = ['key_x', 'key_01h455vb4pex5vsknk084sn02q', 'check', 'verify', '0', 'x'.repeat(64)];

const OPTIONAL_HEADER = 0.3;
/** All parameters in the query are optional, and some are not allowed together. */
const OPTIONAL_PARAMETER = 0.7;

/** A request that is valid by the document. Its status depends on the credential and on the stored data. */
export function validDraft(
  operation: Operation,
  credential: Credential,
  samples: Samples,
  random: FuzzRandom,
  world: World,
): Draft {
  const { body, query } = samples.draw(operation.id, random);
  const token = world.token(credential, random);
  return {
    method: operation.method,
    url: urlOf(operation, query, random, world),
    headers: {
      host: 'latchkey.test',
      ...(token !== null && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...Object.fromEntries(
        operation.headers.flatMap((name) =>
          random.chance(OPTIONAL_HEADER) ? [[name, headerValue(name, random, world)]] : [],
        ),
      ),
    },
    json: body === undefined ? undefined : makeSense(body, '', random, world),
    bytes: undefined,
  };
}

function urlOf(operation: Operation, query: object, random: FuzzRandom, world: World): string {
  const path = operation.path.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(idFor(operation, name, random, world)),
  );
  const parameters = Object.entries(makeSense(query, '', random, world) as object)
    .filter(() => random.chance(OPTIONAL_PARAMETER))
    .map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`);
  return parameters.length > 0 ? `${path}?${parameters.join('&')}` : path;
}

function idFor(operation: Operation, parameter: string, random: FuzzRandom, world: World): string {
  const roll = random.next();
  if (roll < 0.8) return knownId(operation, parameter, random, world);
  return roll < 0.95 ? random.pick(JUNK_IDS) : anyText(random);
}

/** An id of the kind that the parameter asks for; never the workspace itself for the operation that would end it. */
function knownId({ id, path }: Operation, parameter: string, random: FuzzRandom, world: World): string {
  const { roleId, memberId, invitationId } = random.pick(world.others);
  switch (parameter) {
    case 'workspaceId':
      return id === 'deleteWorkspace' ? roleId : world.workspaceId;
    case 'roleId':
      return roleId;
    case 'userId':
      return memberId;
    case 'sessionId':
      return world.sessionId(random);
    default:
      return path.includes('/invitations/') ? invitationId : world.keyId(random);
  }
}
