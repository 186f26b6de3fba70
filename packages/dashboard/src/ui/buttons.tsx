import { ActionIcon, Button, type ButtonProps, Tooltip } from '@mantine/core';
import { type MouseEventHandler, type ReactNode, useState } from 'react';
import { IconCheck, IconCopy } from './icons.ts';
import classes from './ui.module.css';

interface ReasonedButtonProps extends ButtonProps {
  /** Why the action is not available; null: it is. */
  readonly reason: string | null;
  readonly onClick: MouseEventHandler<HTMLButtonElement>;
  readonly children: ReactNode;
}

/** A button that says why it is disabled. It can be focused, so that a keyboard and a screen reader reach the reason. */
export function ReasonedButton({ reason, onClick, ...props }: ReasonedButtonProps) {
  if (reason === null) return <Button {...props} onClick={onClick} />;
  return (
    <Tooltip label={reason}>
      <Button
        {...props}
        data-disabled
        aria-disabled
        aria-description={reason}
        onClick={(event) => event.preventDefault()}
      />
    </Tooltip>
  );
}

const SHOWN_MS = 4_000;

export const COPY_KEYS = /Mac|iPhone|iPad/.test(navigator.userAgent) ? '⌘C' : 'Ctrl+C';

/** False if the page may not use the clipboard: a browser denies it to every page over HTTP that is not on its own machine. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

/** Copies a text that is beside the button, and not a secret. */
export function CopyButton({ text, label }: { text: string; label: string }) {
  const [result, setResult] = useState<'copied' | 'denied' | null>(null);
  const copy = async (): Promise<void> => {
    setResult((await copyText(text)) ? 'copied' : 'denied');
    setTimeout(() => setResult(null), SHOWN_MS);
  };
  const denial = `The browser does not let this page copy. Select the text, and press ${COPY_KEYS}.`;
  return (
    <Tooltip label={denial} opened={result === 'denied'}>
      <ActionIcon
        variant="subtle"
        color="gray"
        size={28}
        aria-label={result === 'copied' ? 'Copied' : label}
        onClick={() => void copy()}
      >
        {result === 'copied' ? <IconCheck size={15} stroke={1.75} /> : <IconCopy size={15} stroke={1.75} />}
      </ActionIcon>
    </Tooltip>
  );
}

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
