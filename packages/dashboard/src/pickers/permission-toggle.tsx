import { Tooltip } from '@mantine/core';
import { IconLock } from '../ui/icons.ts';
import classes from './picker.module.css';

interface ToggleProps {
  readonly id: string;
  readonly label: string;
  readonly isChosen: boolean;
  /** Why it cannot be chosen; null if it can. */
  readonly reason: string | null;
  readonly onChange: (isChosen: boolean) => void;
}

/** One action. One that is not available can be focused, so that a keyboard reaches the reason. */
export function Toggle({ id, label, isChosen, reason, onChange }: ToggleProps) {
  if (reason === null)
    return (
      // biome-ignore lint/a11y/useSemanticElements: a button that holds its text at the same width in both states
      <button
        type="button"
        role="checkbox"
        aria-checked={isChosen}
        aria-label={id}
        className={classes.toggle}
        onClick={() => onChange(!isChosen)}
      >
        {label}
      </button>
    );
  return (
    <Tooltip label={reason}>
      {/* biome-ignore lint/a11y/useSemanticElements: see above */}
      <button
        type="button"
        role="checkbox"
        aria-checked={isChosen}
        aria-disabled
        aria-label={id}
        aria-description={reason}
        className={classes.toggle}
      >
        <IconLock size={13} stroke={1.75} aria-hidden />
        {label}
      </button>
    </Tooltip>
  );
}
