import { Button } from '@mantine/core';
import { useState } from 'react';
import { useMembers } from '../../data/queries.ts';
import { IconCheck, IconClock, IconGauge, IconLock, IconUser } from '../../ui/icons.ts';
import { count, plural } from '../../ui/numbers.ts';
import { DAY_MS, dateText } from '../../ui/time.ts';
import classes from './create.module.css';
import type { CreateFormState } from './create-dialog.tsx';
import { expiresAt } from './draft.ts';
import { inWords } from './in-words.ts';

const icon = { size: 16, stroke: 1.75, 'aria-hidden': true } as const;

/** "This key": what the form makes, in words. On a phone, one line that unfolds. */
export function KeySummary({ form }: { form: CreateFormState }) {
  const [isOpen, setOpen] = useState(false);
  const { chosen, resources, step } = form;
  const used = resources.filter(({ entries }) => entries.some(({ id }) => chosen.has(id))).length;
  const text = `${plural(chosen.size, 'permission')} in ${plural(used, 'resource')}`;
  return (
    <aside className={classes.summary} data-open={isOpen || undefined} aria-label="This key">
      <div className={classes.summaryLine}>
        <span>{step === 2 ? text : 'Permissions: next step'}</span>
        <Button size="compact-sm" variant="subtle" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
          Summary
        </Button>
      </div>
      <div className={classes.summaryBody}>
        <h3>This key</h3>
        <Facts form={form} permissions={text} />
        {step === 2 && <Words form={form} />}
      </div>
    </aside>
  );
}

function Facts({ form, permissions }: { form: CreateFormState; permissions: string }) {
  const { draft, openedAt, step } = form;
  const owner = useMembers().find(({ userId }) => userId === draft.ownerId);
  const at = expiresAt(draft.expiry, openedAt);
  const limits = [
    draft.perMinute && `${count(Number(draft.perMinute))} requests a minute`,
    draft.perDay && `${count(Number(draft.perDay))} a day`,
  ].filter(Boolean);
  return (
    <ul className={classes.facts}>
      <li>
        <IconUser {...icon} />
        <span>
          belongs to{' '}
          <b>
            <bdi>{owner?.displayName ?? 'you'}</bdi>
          </b>
        </span>
      </li>
      <li>
        <IconClock {...icon} />
        <span>
          {at === null ? (
            <b>never expires</b>
          ) : (
            <>
              expires on <b>{dateText(at)}</b>, in {plural(Math.ceil((at - openedAt) / DAY_MS), 'day')}
            </>
          )}
        </span>
      </li>
      <li>
        <IconGauge {...icon} />
        <span>{limits.length === 0 ? 'has no limit' : `makes at most ${limits.join(', ')}`}</span>
      </li>
      <li>
        <IconCheck {...icon} />
        <span className={step === 1 ? classes.later : undefined}>
          {step === 1 ? (
            'Permissions: next step'
          ) : (
            <>
              has <b>{permissions}</b>
            </>
          )}
        </span>
      </li>
    </ul>
  );
}

function Words({ form }: { form: CreateFormState }) {
  const { chosen, resources, grant } = form;
  const { can, cannot, changesAccess } = inWords(chosen, resources);
  const locked = resources.flatMap(({ entries }) => entries).filter(({ id }) => grant.reasonFor(id) !== null);
  return (
    <>
      <section className={classes.words}>
        <h4>It can</h4>
        {can.length === 0 ? <p>do nothing yet</p> : can.map((line) => <p key={line}>{line}</p>)}
        {changesAccess && <p className={classes.warn}>It can change who has access.</p>}
        {cannot !== '' && (
          <>
            <h4>It cannot</h4>
            <p>{cannot}</p>
          </>
        )}
      </section>
      {locked.length > 0 && (
        <section className={classes.words}>
          <h4>
            <IconLock {...icon} /> {count(locked.length)} not available
          </h4>
          <p>{grant.summary}</p>
        </section>
      )}
    </>
  );
}
