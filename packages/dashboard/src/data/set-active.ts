import type { ApiKeyBody } from '@latchkey/contract';
import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { latchkey } from './client.ts';
import { KEYS } from './queries.ts';

interface Change {
  readonly apiKey: ApiKeyBody;
  readonly isActive: boolean;
}

/** Disables or enables a key, and says so. */
export function useSetActive() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: ({ apiKey, isActive }: Change) => latchkey.keys.update(apiKey.id, { isActive }),
    async onSuccess(_, { apiKey, isActive }) {
      await queryClient.invalidateQueries({ queryKey: KEYS });
      notifications.show({ message: `${apiKey.name} is ${isActive ? 'enabled' : 'disabled'}.` });
    },
  });
}
