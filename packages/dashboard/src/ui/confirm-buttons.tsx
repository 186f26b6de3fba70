import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './ui.module.css';

interface ConfirmButtonsProps {
  /** What the button does, in words. */
  readonly label: ReactNode;
  /** The change cannot be undone, or stops something. */
  readonly isDangerous?: boolean;
  readonly isDisabled?: boolean;
  readonly isPending: boolean;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
  /** A milder action, at the left. */
  readonly children?: ReactNode;
}

/** The buttons of a dialog that asks before it changes something. The focus starts on Cancel. */
export function ConfirmButtons({
  label,
  isDangerous = false,
  isDisabled = false,
  isPending,
  onConfirm,
  onClose,
  children,
}: ConfirmButtonsProps) {
  return (
    <>
      {children}
      <span className={classes.grow} />
      <Button onClick={onClose} data-autofocus>
        Cancel
      </Button>
      <Button
        variant="filled"
        {...(isDangerous && { color: 'red' })}
        disabled={isDisabled}
        loading={isPending}
        onClick={onConfirm}
      >
        {label}
      </Button>
    </>
  );
}
