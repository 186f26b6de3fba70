import type { IncomingMessage } from 'node:http';
import { WORKSPACE_HEADER } from '@latchkey/contract';
import { AppError } from '../../domain/shared/app-error.ts';
import type { Caller } from '../../domain/shared/caller.ts';

/** The parts of a request that may name a workspace, each checked against its schema. */
interface Named {
  readonly params?: unknown;
  readonly query?: unknown;
  readonly body?: unknown;
}

/** Errors for another workspace: not found if the path names it, denied if the body or query does. */
export function requireOwnWorkspace({ params, body, query }: Named, caller: Caller): void {
  const inPath = workspaceIn(params) ?? caller.workspaceId;
  if (inPath !== caller.workspaceId) throw new AppError('NOT_FOUND', { message: `No workspace ${inPath}` });
  for (const named of [workspaceIn(body), workspaceIn(query)]) {
    if (named !== undefined && named !== caller.workspaceId) {
      throw new AppError('PERMISSION_DENIED', {
        message: 'workspaceId must be the workspace of the credential',
      });
    }
  }
}

/** The workspace that the request names for its credential; null: none. */
export function namedWorkspace({ headers }: IncomingMessage): string | null {
  const value = headers[WORKSPACE_HEADER.toLowerCase()];
  return typeof value === 'string' ? value : null;
}

/** Returns the caller. Throws PERMISSION_DENIED if the request names another workspace. */
export function requireNamed(caller: Caller, named: string | null): Caller {
  if (named === null || named === caller.workspaceId) return caller;
  throw new AppError('PERMISSION_DENIED', {
    message: `${WORKSPACE_HEADER} must be the workspace of the credential`,
  });
}

function workspaceIn(part: unknown): string | undefined {
  return (part as { workspaceId?: string } | undefined)?.workspaceId;
}
