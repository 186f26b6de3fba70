import type { ApiKeyBody } from '@latchkey/contract';
import { ActionIcon, Button, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { latchkey } from '../../data/client.ts';
import { KEYS, useMe } from '../../data/queries.ts';
import { IconPencil } from '../../ui/icons.ts';
import { Name } from '../../ui/person.tsx';
import { problemText } from '../../ui/problem.tsx';
import classes from './key.module.css';

const NAME_MAX = 100;

/** The name of the key, which can be changed in place. */
export function KeyName({ apiKey }: { apiKey: ApiKeyBody }) {
  const { may } = useMe();
  const [isEditing, setEditing] = useState(false);
  const canEdit = apiKey.status !== 'revoked' && may('api-keys:write');
  if (isEditing) return <NameForm apiKey={apiKey} onDone={() => setEditing(false)} />;
  return (
    <>
      <h1 className={classes.name}>
        <Name text={apiKey.name} />
      </h1>
      {canEdit && (
        <ActionIcon
          variant="subtle"
          color="gray"
          size={28}
          aria-label="Rename"
          onClick={() => setEditing(true)}
        >
          <IconPencil size={16} stroke={1.75} />
        </ActionIcon>
      )}
    </>
  );
}

function NameForm({ apiKey, onDone }: { apiKey: ApiKeyBody; onDone: () => void }) {
  const [name, setName] = useState(apiKey.name);
  const queryClient = useQueryClient();
  const rename = useMutation({
    mutationFn: () => latchkey.keys.update(apiKey.id, { name: name.trim() }),
    async onSuccess() {
      await queryClient.invalidateQueries({ queryKey: KEYS });
      onDone();
    },
  });
  return (
    <form
      className={classes.nameForm}
      onSubmit={(event) => {
        event.preventDefault();
        rename.mutate();
      }}
    >
      <TextInput
        aria-label="Name"
        autoFocus
        maxLength={NAME_MAX}
        value={name}
        error={rename.error && problemText(rename.error)}
        onChange={(event) => setName(event.currentTarget.value)}
        onKeyDown={(event) => event.key === 'Escape' && onDone()}
      />
      <Button type="submit" variant="filled" disabled={name.trim() === ''} loading={rename.isPending}>
        Save
      </Button>
      <Button onClick={onDone}>Cancel</Button>
    </form>
  );
}
