import { Button, type ButtonProps, Tooltip } from '@mantine/core';
import type { MouseEventHandler, ReactNode } from 'react';

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
