import type { ApiKeyBody } from '@latchkey/contract';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { notifyWithButton } from '../ui/notify-with-button.tsx';
import { latchkey } from './client.ts';
import { KEYS } from './queries.ts';

interface Change {
  readonly apiKey: ApiKeyBody;
  readonly isActive: boolean;
}

/** Disables or enables a key, and says so, with a button that undoes it. */
export function useSetActive() {
  const queryClient = useQueryClient();
  const change = useMutation({
    mutationFn: ({ apiKey, isActive }: Change) => latchkey.keys.update(apiKey.id, { isActive }),
    async onSuccess(_, { apiKey, isActive }) {
      await queryClient.invalidateQueries({ queryKey: KEYS });
      const message = (
        <>
          <bdi>{apiKey.name}</bdi> is {isActive ? 'enabled' : 'disabled'}.
        </>
      );
      notifyWithButton(message, 'Undo', () => change.mutate({ apiKey, isActive: !isActive }));
    },
  });
  return change;
}
