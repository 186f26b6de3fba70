import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { CopyButton } from '../../ui/buttons.tsx';
import { IconKey, IconTerminal2 } from '../../ui/icons.ts';
import classes from './keys.module.css';

const COMMAND = `latchkey keys create --name "Billing worker" \\
  --permissions calls:read --expires-in 90d`;

/** A workspace without a key. */
export function EmptyKeys({ create }: { create: ReactNode }) {
  return (
    <section className={classes.empty}>
      <span className={classes.emptyIcon} aria-hidden>
        <IconKey size={22} stroke={1.75} />
      </span>
      <h2>Create the first key</h2>
      <p>
        A key lets one program call your API. Choose what it may do: it can hold any permission that you hold,
        and its set does not grow later.
      </p>
      {create}
      <figure className={classes.terminal}>
        <figcaption>
          <IconTerminal2 size={16} stroke={1.75} aria-hidden />
          Or from a terminal
          <CopyButton text={COMMAND} label="Copy the command" />
        </figcaption>
        <pre>{COMMAND}</pre>
      </figure>
    </section>
  );
}

export function NoMatch({ onClear }: { onClear: () => void }) {
  return (
    <div className={classes.noMatch}>
      <p>No key matches these filters.</p>
      <Button onClick={onClear}>Clear filters</Button>
    </div>
  );
}
