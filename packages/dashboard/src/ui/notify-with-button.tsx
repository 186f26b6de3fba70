import { Button } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import type { ReactNode } from 'react';

/**
 * Says what happened, with a button for what can follow. `act` stays in memory after the notification is gone, and with it every
 * variable of the function that makes it: none of them may be a secret.
 */
export function notifyWithButton(message: ReactNode, label: string, act: () => void): void {
  const onClick = (): void => {
    notifications.hide(id);
    act();
  };
  const id = notifications.show({
    message: (
      <>
        {message}{' '}
        <Button size="compact-sm" variant="subtle" onClick={onClick}>
          {label}
        </Button>
      </>
    ),
  });
}
