import type { ApiKeyBody } from '@latchkey/contract';
import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useMembers } from '../../data/queries.ts';
import { IconCornerDownRight } from '../../ui/icons.ts';
import { Initials, Name } from '../../ui/person.tsx';
import { Status } from '../../ui/status.tsx';
import classes from './key.module.css';
import { childrenQuery, keyQuery } from './queries.ts';

const HOW = { session: 'in a session', key: 'with a key', token: 'with a token' } as const;

/** Who made the key, and with which credential. */
export function KeyProvenance({ apiKey }: { apiKey: ApiKeyBody }) {
  const { kind, userId, keyId } = apiKey.createdBy;
  const maker = useMembers().find((member) => member.userId === userId);
  const how = HOW[kind as keyof typeof HOW] ?? 'by the service';
  return (
    <section className={classes.section}>
      <h2>Where it comes from</h2>
      <ul className={classes.tree}>
        <li>
          <Initials name={maker?.displayName ?? '?'} />
          <Name text={maker?.displayName ?? userId} /> <small>{how}</small>
        </li>
        {keyId !== null && <MakerKey id={keyId} />}
        <li style={{ paddingLeft: keyId === null ? 6 : 24 }}>
          <IconCornerDownRight size={14} stroke={1.75} aria-hidden />
          <b>
            <Name text={apiKey.name} />
          </b>
          <code>…{apiKey.key.slice(-4)}</code>
        </li>
        <Children id={apiKey.id} indent={keyId === null ? 24 : 42} />
      </ul>
    </section>
  );
}

const SHOWN = 5;

/** The keys that this key made. */
function Children({ id, indent }: { id: string; indent: number }) {
  const [isAll, setAll] = useState(false);
  const { data = [] } = useQuery(childrenQuery(id));
  return (
    <>
      {(isAll ? data : data.slice(0, SHOWN)).map((child) => (
        <li key={child.id} style={{ paddingLeft: indent }}>
          <IconCornerDownRight size={14} stroke={1.75} aria-hidden />
          <Link to="/keys/$keyId" params={{ keyId: child.id }} className={classes.grow}>
            <Name text={child.name} />
          </Link>
          <Status status={child.status} />
        </li>
      ))}
      {data.length > SHOWN && !isAll && (
        <li style={{ paddingLeft: indent }}>
          <Button variant="subtle" size="compact-sm" onClick={() => setAll(true)}>
            Show all {data.length}
          </Button>
        </li>
      )}
    </>
  );
}

/** The key with which this key was made, if the caller may see it. */
function MakerKey({ id }: { id: string }) {
  const { data } = useQuery({ ...keyQuery(id), refetchInterval: false });
  return (
    <li style={{ paddingLeft: 6 }}>
      <IconCornerDownRight size={14} stroke={1.75} aria-hidden />
      {data ? (
        <Link to="/keys/$keyId" params={{ keyId: id }}>
          <Name text={data.name} />
        </Link>
      ) : (
        <code>{id}</code>
      )}
    </li>
  );
}
