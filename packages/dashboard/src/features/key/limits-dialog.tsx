import { Button, TextInput } from '@mantine/core';
import { useState } from 'react';
import { Dialog } from '../../ui/dialog.tsx';
import classes from './key.module.css';
import { KeyChangeProblem, useKeyChange } from './key-change.tsx';
import type { VersionedKey } from './queries.ts';

const LIMIT = /^([1-9]\d{0,9})?$/;
const numberOf = (text: string): number | null => (text === '' ? null : Number(text));
const textOf = (limit: number | null): string => (limit === null ? '' : String(limit));

/** Changes the limits of the key. */
export function LimitsDialog({ apiKey, onClose }: { apiKey: VersionedKey; onClose: () => void }) {
  const [perMinute, setPerMinute] = useState(textOf(apiKey.rateLimit.requestsPerMinute));
  const [perDay, setPerDay] = useState(textOf(apiKey.rateLimit.requestsPerDay));
  const change = useKeyChange(apiKey, onClose);
  const save = (): void =>
    change.save({ rateLimit: { requestsPerMinute: numberOf(perMinute), requestsPerDay: numberOf(perDay) } });
  const isValid = LIMIT.test(perMinute) && LIMIT.test(perDay);
  const footer = (
    <>
      <span className={classes.grow} />
      <Button onClick={onClose}>Cancel</Button>
      <Button variant="filled" disabled={!isValid} loading={change.isPending} onClick={save}>
        Save the limits
      </Button>
    </>
  );
  return (
    <Dialog title="Limits of this key" width={480} onClose={onClose} footer={footer}>
      <div className={classes.fields}>
        <TextInput
          label="Requests a minute"
          data-autofocus
          inputMode="numeric"
          placeholder="No limit"
          value={perMinute}
          error={LIMIT.test(perMinute) ? null : 'A whole number from 1, or empty.'}
          onChange={(event) => setPerMinute(event.currentTarget.value.trim())}
        />
        <TextInput
          label="Requests a day (UTC)"
          inputMode="numeric"
          placeholder="No limit"
          value={perDay}
          error={LIMIT.test(perDay) ? null : 'A whole number from 1, or empty.'}
          onChange={(event) => setPerDay(event.currentTarget.value.trim())}
        />
      </div>
      <KeyChangeProblem change={change} />
    </Dialog>
  );
}
