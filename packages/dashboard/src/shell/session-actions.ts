import { notifications } from '@mantine/notifications';
import { useMutation } from '@tanstack/react-query';
import { latchkey } from '../data/client.ts';
import { problemText } from '../ui/notices.tsx';

const onError = (error: unknown): void => {
  notifications.show({ message: problemText(error), color: 'red', autoClose: false });
};

/** Ends the session. A load of the page drops all that it has in memory. */
export function useSignOut() {
  return useMutation({
    mutationFn: () => latchkey.sessions.end('current'),
    onSuccess: () => location.assign('/sign-in'),
    onError,
  });
}

/** Switches the session to another workspace. Every query was about the former one, so the page is loaded again. */
export function useSwitchWorkspace() {
  return useMutation({
    mutationFn: (id: string) => latchkey.account.switchTo(id),
    onSuccess: () => location.assign('/keys'),
    onError,
  });
}
