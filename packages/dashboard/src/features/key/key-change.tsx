import type { ApiKeyBody } from '@latchkey/contract';
import { LatchkeyError } from '@latchkey/sdk';
import { Button } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { latchkey } from '../../data/client.ts';
import { KEYS, useMe, useMembers } from '../../data/queries.ts';
import { IconAlertTriangle } from '../../ui/icons.ts';
import { Problem } from '../../ui/notices.tsx';
import { count } from '../../ui/numbers.ts';
import { agoText, dateTimeText, useNow } from '../../ui/time.ts';
import classes from './key.module.css';
import { readKey, type VersionedKey } from './queries.ts';

type Changes = Parameters<typeof latchkey.keys.update>[1];

/**
 * Changes a key if it still is as it was when the form was opened. Otherwise nothing is changed: `KeyChangeProblem` shows what
 * another person changed meanwhile, and makes the change over it.
 */
export function useKeyChange(apiKey: VersionedKey, onDone: () => void) {
  const queryClient = useQueryClient();
  const [opened] = useState(apiKey);
  const change = useMutation({
    mutationFn: ({ changes, etag = opened.etag }: { changes: Changes; etag?: string | null }) =>
      latchkey.keys.update(opened.id, changes, etag === null ? {} : { ifMatch: etag }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: KEYS }),
    // The page shows what the key is now, such as revoked.
    onError: () => queryClient.invalidateQueries({ queryKey: KEYS }),
  });
  return {
    opened,
    error: change.error,
    isPending: change.isPending,
    save: (changes: Changes) => change.mutate({ changes }, { onSuccess: onDone }),
    /** Makes the last change over the version. */
    saveOver: (etag: string | null) =>
      change.variables && change.mutate({ ...change.variables, etag }, { onSuccess: onDone }),
  };
}

/** Why a change was not saved. */
export function KeyChangeProblem({ change }: { change: ReturnType<typeof useKeyChange> }) {
  const { error } = change;
  if (!error) return null;
  const isConflict = error instanceof LatchkeyError && error.code === 'VERSION_MISMATCH';
  return isConflict ? <Conflict change={change} /> : <Problem error={error} />;
}

function Conflict({ change }: { change: ReturnType<typeof useKeyChange> }) {
  const { opened } = change;
  const [isShown, setShown] = useState(false);
  const { data: current } = useQuery({
    queryKey: [...KEYS, 'conflict', opened.id],
    queryFn: () => readKey(opened.id),
    staleTime: 0,
  });
  return (
    <div role="alert" className={classes.conflict}>
      <p>
        <IconAlertTriangle size={16} stroke={1.75} aria-hidden />
        <span>
          <Author keyId={opened.id} /> Your change was not saved.
        </span>
      </p>
      {isShown && current && <Differences before={opened} after={current} />}
      <div className={classes.conflictButtons}>
        {!isShown && (
          <Button size="compact-sm" onClick={() => setShown(true)}>
            Show the difference
          </Button>
        )}
        <Button
          size="compact-sm"
          disabled={!current}
          loading={change.isPending}
          onClick={() => current && change.saveOver(current.etag)}
        >
          Apply mine again
        </Button>
      </div>
    </div>
  );
}

/** Who made the last change, and when; without names if the role may not read the audit log. */
function Author({ keyId }: { keyId: string }) {
  const { may } = useMe();
  const now = useNow();
  const members = useMembers();
  const { data } = useQuery({
    queryKey: [...KEYS, 'last-change', keyId],
    enabled: may('workspace:logs-read'),
    staleTime: 0,
    queryFn: async () => (await latchkey.auditLog.list({ targetId: keyId, limit: 1 })).logs[0] ?? null,
  });
  if (!data) return 'This key was changed meanwhile.';
  const name = members.find(({ userId }) => userId === data.actorId)?.displayName ?? data.actorEmail;
  return (
    <>
      <bdi>{name ?? 'The service'}</bdi> changed this key {agoText(Date.parse(data.createdAt), now)}.
    </>
  );
}

const limitText = (limit: number | null): string => (limit === null ? 'none' : count(limit));

/** What of a key can be changed, in words. */
const FIELDS: readonly (readonly [label: string, text: (key: ApiKeyBody) => string])[] = [
  ['Name', ({ name }) => name],
  ['Status', ({ status }) => status],
  ['Expires', ({ expiresAt }) => (expiresAt === null ? 'never' : dateTimeText(Date.parse(expiresAt)))],
  ['Requests a minute', ({ rateLimit }) => limitText(rateLimit.requestsPerMinute)],
  ['Requests a day', ({ rateLimit }) => limitText(rateLimit.requestsPerDay)],
];

function Differences({ before, after }: { before: ApiKeyBody; after: ApiKeyBody }) {
  const changed = FIELDS.filter(([, text]) => text(before) !== text(after));
  if (changed.length === 0) return <p>Its name, status, expiry and limits are as before.</p>;
  return (
    <table className={classes.differences}>
      <thead>
        <tr>
          <th>Field</th>
          <th>When you opened it</th>
          <th>Now</th>
        </tr>
      </thead>
      <tbody>
        {changed.map(([label, text]) => (
          <tr key={label}>
            <th scope="row">{label}</th>
            <td>
              <bdi>{text(before)}</bdi>
            </td>
            <td>
              <bdi>{text(after)}</bdi>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
