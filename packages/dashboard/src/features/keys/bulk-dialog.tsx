import type { ApiKeyBody } from '@latchkey/contract';
import { Button, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { KEYS } from '../../data/queries.ts';
import { rateText, useRates } from '../../data/rates.ts';
import { ConfirmButtons } from '../../ui/buttons.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { IconActivity, IconInfoCircle } from '../../ui/icons.ts';
import { byLastUse } from '../../ui/key-list.tsx';
import { Notice, Problem } from '../../ui/notices.tsx';
import { count, plural } from '../../ui/numbers.ts';
import { Name } from '../../ui/person.tsx';
import { agoText, DAY_MS, dateText, useNow } from '../../ui/time.ts';
import { changeMany, type Failed } from './change-many.ts';
import classes from './keys.module.css';
import type { Selection } from './use-selection.ts';

export type BulkVerb = 'disable' | 'revoke';

const WORDS = {
  disable: {
    title: 'Disable',
    done: 'disabled',
    effect: 'They stop working at once. You can enable them again.',
  },
  revoke: { title: 'Revoke', done: 'revoked', effect: 'They stop working at once and cannot be restored.' },
} as const;

const RECENT_DAYS = 7;

interface BulkDialogProps {
  readonly verb: BulkVerb;
  readonly selection: Selection;
  readonly onClose: () => void;
}

/** Shows what a change of many keys would end, and makes it. The keys that could not be changed stay selected. */
export function BulkDialog({ verb: asked, selection, onClose }: BulkDialogProps) {
  const [verb, setVerb] = useState(asked);
  const [typed, setTyped] = useState('');
  const now = useNow();
  const { fit, leftOut } = partsOf([...selection.keys.values()], verb);
  const rates = useRates(fit.map(({ id }) => id));
  const change = useBulkChange(verb, selection, onClose);
  const words = WORDS[verb];
  const recent = fit.filter((key) => isRecent(key, now)).length;
  const failed = change.data ?? [];
  const footer = (
    <ConfirmButtons
      label={`${words.title} ${plural(fit.length, 'key')}`}
      isDangerous
      isDisabled={typed.trim() !== String(fit.length) || fit.length === 0}
      isPending={change.isPending}
      onConfirm={() => change.mutate(fit)}
      onClose={onClose}
    >
      {verb === 'revoke' && (
        <Button variant="subtle" onClick={() => setVerb('disable')}>
          Disable instead
        </Button>
      )}
    </ConfirmButtons>
  );
  return (
    <Dialog
      title={`${words.title} ${plural(fit.length, 'key')}?`}
      width={600}
      onClose={onClose}
      footer={footer}
    >
      <p className={classes.effect}>
        {words.effect}{' '}
        {recent > 0 && `${count(recent)} ${recent === 1 ? 'was' : 'were'} used in the last 7 days.`}
      </p>
      <ul className={classes.bulkList}>
        {fit.toSorted(byLastUse).map((key) => (
          <BulkRow
            key={key.id}
            apiKey={key}
            now={now}
            rate={rateText(rates.get(key.id))}
            problem={failed.find(({ id }) => id === key.id)}
          />
        ))}
      </ul>
      {leftOut > 0 && (
        <Notice icon={IconInfoCircle}>
          {plural(leftOut, 'selected key is', 'selected keys are')} left out: already {words.done} or revoked.
        </Notice>
      )}
      {change.error && <Problem error={change.error} />}
      <TextInput
        className={classes.confirm}
        label={`To confirm, type the number of keys: ${fit.length}`}
        inputMode="numeric"
        autoComplete="off"
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
      />
    </Dialog>
  );
}

function partsOf(keys: readonly ApiKeyBody[], verb: BulkVerb) {
  const fit = keys.filter(({ status, isActive }) => status !== 'revoked' && (verb === 'revoke' || isActive));
  return { fit, leftOut: keys.length - fit.length };
}

function useBulkChange(verb: BulkVerb, selection: Selection, onClose: () => void) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (keys: readonly ApiKeyBody[]): Promise<readonly Failed[]> => changeMany(verb, keys),
    async onSuccess(failed, keys) {
      await queryClient.invalidateQueries({ queryKey: KEYS });
      const left = keys.filter(({ id }) => failed.some((one) => one.id === id));
      selection.replace(left);
      const message = `${plural(keys.length - left.length, 'key is', 'keys are')} ${WORDS[verb].done}.`;
      if (left.length < keys.length) notifications.show({ message });
      if (left.length === 0) onClose();
    },
  });
}

const lastUse = ({ lastUsedAt }: ApiKeyBody): number => (lastUsedAt === null ? 0 : Date.parse(lastUsedAt));
const isRecent = (key: ApiKeyBody, now: number): boolean => now - lastUse(key) < RECENT_DAYS * DAY_MS;

interface BulkRowProps {
  readonly apiKey: ApiKeyBody;
  readonly now: number;
  /** Its requests in the last hour; null: none. */
  readonly rate: string | null;
  readonly problem: Failed | undefined;
}

function BulkRow({ apiKey, now, rate, problem }: BulkRowProps) {
  return (
    <li>
      <span className={classes.bulkName}>
        <Name text={apiKey.name} />
        <code>…{apiKey.key.slice(-4)}</code>
      </span>
      {problem ? (
        <span className={classes.bad}>{problem.message}</span>
      ) : (
        <LastUse apiKey={apiKey} now={now} rate={rate} />
      )}
    </li>
  );
}

function LastUse({ apiKey, now, rate }: Omit<BulkRowProps, 'problem'>) {
  const { lastUsedAt, status, expiresAt } = apiKey;
  if (isRecent(apiKey, now))
    return (
      <span className={classes.soon}>
        <IconActivity size={15} stroke={1.75} aria-hidden />
        {rate ?? `Used ${agoText(lastUse(apiKey), now)}`}
      </span>
    );
  if (status === 'expired' && expiresAt)
    return <span className={classes.muted}>Expired on {dateText(Date.parse(expiresAt))}</span>;
  if (lastUsedAt === null) return <span className={classes.muted}>Never used</span>;
  const days = Math.floor((now - lastUse(apiKey)) / DAY_MS);
  return <span className={classes.muted}>Not used for {plural(days, 'day')}</span>;
}
