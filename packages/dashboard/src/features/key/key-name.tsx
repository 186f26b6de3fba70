import { ActionIcon, Button, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useMe } from '../../data/queries.ts';
import { IconPencil } from '../../ui/icons.ts';
import { Name } from '../../ui/person.tsx';
import { useShortcut } from '../../ui/shortcuts.ts';
import classes from './key.module.css';
import { KeyChangeProblem, useKeyChange } from './key-change.tsx';
import type { VersionedKey } from './queries.ts';

const NAME_MAX = 100;

/** The name of the key, which can be changed in place. */
export function KeyName({ apiKey }: { apiKey: VersionedKey }) {
  const { may } = useMe();
  const [isEditing, setEditing] = useState(false);
  const canEdit = apiKey.status !== 'revoked' && may('api-keys:write');
  useShortcut('e', () => setEditing(true), canEdit);
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

function NameForm({ apiKey, onDone }: { apiKey: VersionedKey; onDone: () => void }) {
  const [name, setName] = useState(apiKey.name);
  const rename = useKeyChange(apiKey, onDone);
  return (
    <form
      className={classes.nameForm}
      onSubmit={(event) => {
        event.preventDefault();
        rename.save({ name: name.trim() });
      }}
    >
      <TextInput
        aria-label="Name"
        autoFocus
        maxLength={NAME_MAX}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        onKeyDown={(event) => event.key === 'Escape' && onDone()}
      />
      <Button type="submit" variant="filled" disabled={name.trim() === ''} loading={rename.isPending}>
        Save
      </Button>
      <Button onClick={onDone}>Cancel</Button>
      <KeyChangeProblem change={rename} />
    </form>
  );
}
