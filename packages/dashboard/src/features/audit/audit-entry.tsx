import type { LogEntryBody } from '@latchkey/contract';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useMembers } from '../../data/queries.ts';
import { IconChevronDown, IconChevronRight, IconLock } from '../../ui/icons.ts';
import { count } from '../../ui/numbers.ts';
import { Initials, Name } from '../../ui/person.tsx';
import { clockText, utcText, ZONE_NAME } from '../../ui/time.ts';
import { Time } from '../../ui/time-text.tsx';
import classes from './audit.module.css';
import { changesOf } from './changes-of.ts';

const CREDENTIALS: Readonly<Record<string, string>> = {
  key: 'Key',
  session: 'Session',
  token: 'Provider',
  operator: 'Host',
};

/** One change. It expands to what the target was before and after. */
export function AuditEntry({ entry }: { entry: LogEntryBody }) {
  const [isOpen, setOpen] = useState(false);
  const members = useMembers();
  const { actorId, actorEmail, createdAt, eventDescription, metadata } = entry;
  const actor = members.find(({ userId }) => userId === actorId)?.displayName ?? actorEmail ?? 'The service';
  const isDenied = metadata.refusal !== null;
  const Chevron = isOpen ? IconChevronDown : IconChevronRight;
  return (
    <li className={classes.entry}>
      <div className={classes.line}>
        <Time at={createdAt}>{clockText(Date.parse(createdAt))}</Time>
        <span className={classes.actor}>
          <Initials name={actor} />
          <Name text={actor} />
        </span>
        <span className={classes.event}>
          {isDenied && <IconLock size={15} stroke={1.75} className={classes.denied} aria-hidden />}
          {eventDescription}
          <Target entry={entry} />
        </span>
        <span className={classes.credential}>
          {CREDENTIALS[metadata.credential.kind] ?? metadata.credential.kind}
        </span>
        <code className={classes.address}>{metadata.address}</code>
        <span className={classes.number}>{count(metadata.sequence)}</span>
        <button
          type="button"
          aria-expanded={isOpen}
          aria-label={`${isOpen ? 'Hide' : 'Show'} entry ${metadata.sequence}`}
          onClick={() => setOpen(!isOpen)}
        >
          <Chevron size={16} stroke={1.75} aria-hidden />
        </button>
      </div>
      {isOpen && <Details entry={entry} />}
    </li>
  );
}

/** The name that the target had, with a link to it if there is a screen for it. */
function Target({ entry }: { entry: LogEntryBody }) {
  const { target, before, after, refusal } = entry.metadata;
  const members = useMembers();
  if (refusal !== null) return <code>{refusal}</code>;
  const facts = { ...before, ...after };
  const member = members.find(({ userId }) => userId === target.id);
  const name = [facts.name, facts.displayName, facts.email, member?.displayName].find(
    (one) => typeof one === 'string',
  );
  const text = name === undefined ? <code>{target.id}</code> : <Name text={String(name)} />;
  if (target.kind === 'session' || target.kind === 'sign-in-link') return null;
  if (target.kind !== 'api-key') return <b>{text}</b>;
  return (
    <Link to="/keys/$keyId" params={{ keyId: target.id }}>
      {text}
    </Link>
  );
}

function Details({ entry }: { entry: LogEntryBody }) {
  const { before, after, requestId, hash, agent } = entry.metadata;
  const changes = changesOf(before, after);
  const at = Date.parse(entry.createdAt);
  return (
    <div className={classes.details}>
      {changes.length > 0 && (
        <table>
          <thead>
            <tr>
              <th>Field</th>
              <th>Before</th>
              <th>After</th>
            </tr>
          </thead>
          <tbody>
            {changes.map(({ field, was, is, unchanged }) => (
              <tr key={field}>
                <th scope="row">{field}</th>
                <td>
                  {was.map((one) => (
                    <bdi key={one}>{one}</bdi>
                  ))}
                  {unchanged > 0 && <small>{count(unchanged)} others unchanged</small>}
                </td>
                <td>
                  {is.map((one) => (
                    <bdi key={one}>{one}</bdi>
                  ))}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <p>
        <span>
          {clockText(at)} in {ZONE_NAME}, {utcText(at)}
        </span>
        {requestId && (
          <span>
            request <code>{requestId}</code>
          </span>
        )}
        <span>
          hash{' '}
          <code>
            {hash.slice(0, 8)}…{hash.slice(-8)}
          </code>
        </span>
        {agent && <bdi>{agent}</bdi>}
      </p>
    </div>
  );
}
