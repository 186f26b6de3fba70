import { TextInput } from '@mantine/core';
import { Choices } from '../../ui/choices.tsx';
import { minuteInZones } from '../../ui/time.ts';
import classes from './create.module.css';
import { type Expiry, expiresAt } from './draft.ts';

const OPTIONS = [
  { value: '7', label: '7 days' },
  { value: '30', label: '30 days' },
  { value: '90', label: '90 days' },
  { value: '365', label: '1 year' },
  { value: 'never', label: 'Never' },
  { value: 'date', label: 'Pick a date' },
] as const;

interface ExpiryFieldProps {
  readonly expiry: Expiry;
  readonly openedAt: number;
  readonly onChange: (expiry: Expiry) => void;
}

/** Presets, or a date; with the exact time below. */
export function ExpiryField({ expiry, openedAt, onChange }: ExpiryFieldProps) {
  const at = expiresAt(expiry, openedAt);
  const choose = (value: string): void => {
    if (value === 'never') onChange('never');
    else if (value === 'date') onChange({ date: at ?? openedAt });
    else onChange({ days: Number(value) });
  };
  return (
    <div>
      <Choices label="Expires" name="expiry" options={OPTIONS} value={choiceOf(expiry)} onChange={choose} />
      {expiry !== 'never' && 'date' in expiry && (
        <DateInput date={expiry.date} openedAt={openedAt} onChange={(date) => onChange({ date })} />
      )}
      <p className={classes.help}>
        {at === null ? 'A key without expiry stays valid until it is revoked.' : minuteInZones(at)}
      </p>
    </div>
  );
}

function choiceOf(expiry: Expiry): string {
  if (expiry === 'never') return 'never';
  return 'date' in expiry ? 'date' : String(expiry.days);
}

interface DateInputProps {
  readonly date: number;
  readonly openedAt: number;
  readonly onChange: (date: number) => void;
}

/** The calendar of the browser. The key expires at the end of the day in the reader's zone. */
function DateInput({ date, openedAt, onChange }: DateInputProps) {
  return (
    <TextInput
      className={classes.date}
      type="date"
      aria-label="Date of expiry"
      min={isoDay(openedAt)}
      value={isoDay(date)}
      onChange={(event) => {
        const end = new Date(`${event.currentTarget.value}T23:59:59`).getTime();
        if (!Number.isNaN(end)) onChange(end);
      }}
    />
  );
}

/** The local day as `2027-02-24`. */
function isoDay(at: number): string {
  const day = new Date(at);
  const two = (value: number) => String(value).padStart(2, '0');
  return `${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())}`;
}
