import type { ApiKeyBody } from '@latchkey/contract';
import { Button } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { latchkey } from '../../data/client.ts';
import { KEYS } from '../../data/queries.ts';
import { rateText, useRates } from '../../data/rates.ts';
import { IconActivity, IconBan } from '../../ui/icons.ts';
import { Problem } from '../../ui/notices.tsx';
import { plural } from '../../ui/numbers.ts';
import { Name } from '../../ui/person.tsx';
import { Status } from '../../ui/status.tsx';
import { Ago } from '../../ui/time-text.tsx';
import classes from './find.module.css';

interface FoundKeysProps {
  readonly secret: string;
  /** Called before another screen is opened. */
  readonly onLeave: () => void;
}

/** The keys of the workspace that end like the secret, revoked ones too. */
export function FoundKeys({ secret, onLeave }: FoundKeysProps) {
  const lastFour = secret.slice(-4);
  const [settled, setSettled] = useState<string | null>(null);
  const matches = useQuery({ queryKey: [...KEYS, 'ending', lastFour], queryFn: () => keysEnding(lastFour) });
  const settle = useMutation({
    // The secret is in the body of this one call. It is not kept, and uses no quota.
    mutationFn: async () =>
      setSettled((await latchkey.keys.verify({ key: secret, cost: 0 })).apiKey?.id ?? ''),
  });
  const rates = useRates(matches.data?.map(({ id }) => id) ?? []);
  if (matches.error) return <Problem error={matches.error} onRetry={() => void matches.refetch()} />;
  if (!matches.data) return null;
  const shown = settled ? matches.data.filter(({ id }) => id === settled) : matches.data;
  if (shown.length === 0)
    return (
      <p className={classes.note}>
        No key in this workspace ends in <code>{lastFour}</code>. It may belong to another workspace.
      </p>
    );
  return (
    <>
      {shown.map((key) => (
        <FoundKey key={key.id} apiKey={key} rate={rateText(rates.get(key.id))} onLeave={onLeave} />
      ))}
      <p className={classes.note}>
        {shown.length === 1 ? 'One key' : plural(shown.length, 'key')} in this workspace{' '}
        {shown.length === 1 ? 'ends' : 'end'} in <code>{lastFour}</code>.
      </p>
      {shown.length > 1 && settled === null && (
        <Button onClick={() => settle.mutate()} loading={settle.isPending}>
          Send the key to Latchkey, to see which it is
        </Button>
      )}
      {settled === '' && (
        <p className={classes.note}>The service does not accept this key, so it cannot say which it is.</p>
      )}
      {settle.error && <Problem error={settle.error} />}
    </>
  );
}

async function keysEnding(lastFour: string): Promise<readonly ApiKeyBody[]> {
  const [current, revoked] = await Promise.all([
    latchkey.keys.list({ search: lastFour }),
    latchkey.keys.list({ search: lastFour, status: 'revoked' }),
  ]);
  // A search finds names too.
  return [...current.apiKeys, ...revoked.apiKeys].filter(({ key }) => key.endsWith(lastFour));
}

interface FoundKeyProps extends Pick<FoundKeysProps, 'onLeave'> {
  readonly apiKey: ApiKeyBody;
  /** Its requests in the last hour; null: none. */
  readonly rate: string | null;
}

function FoundKey({ apiKey, rate, onLeave }: FoundKeyProps) {
  const { id, name, key, status, permissions, creator, lastUsedAt } = apiKey;
  const isRevoked = status === 'revoked';
  return (
    <section className={classes.found}>
      <h3>
        <Link to="/keys/$keyId" params={{ keyId: id }} onClick={onLeave}>
          <Name text={name} />
        </Link>
        <Status status={status} isBadge />
      </h3>
      <p>
        <code>…{key.slice(-4)}</code> · <bdi>{creator.displayName}</bdi> ·{' '}
        {plural(permissions.length, 'permission')}
      </p>
      {rate === null ? (
        <p>
          Last used: <Ago at={lastUsedAt} isLong />
        </p>
      ) : (
        <p className={classes.inUse}>
          <IconActivity size={15} stroke={1.75} aria-hidden />
          <span>
            <b>In use now:</b> {rate}, the latest <Ago at={lastUsedAt} />
          </span>
        </p>
      )}
      {!isRevoked && (
        <div className={classes.actions}>
          <Button
            variant="filled"
            color="red"
            leftSection={<IconBan size={16} stroke={1.75} aria-hidden />}
            renderRoot={(props) => (
              <Link
                {...props}
                to="/keys/$keyId/revoke"
                params={{ keyId: id }}
                search={{ reason: 'leaked' }}
                onClick={onLeave}
              />
            )}
          >
            Revoke as leaked
          </Button>
          <Button
            renderRoot={(props) => (
              <Link
                {...props}
                to="/keys/$keyId/rotate"
                params={{ keyId: id }}
                search={{ overlap: '0' }}
                onClick={onLeave}
              />
            )}
          >
            Rotate and end the old secret
          </Button>
        </div>
      )}
    </section>
  );
}
