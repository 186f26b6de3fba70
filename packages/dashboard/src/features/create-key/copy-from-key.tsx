import type { ApiKeyBody } from '@latchkey/contract';
import { Button, Menu, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { latchkey } from '../../data/client.ts';
import { pastedKey } from '../../data/passing-secrets.ts';
import { KEYS } from '../../data/queries.ts';
import { IconCopy } from '../../ui/icons.ts';
import { plural } from '../../ui/numbers.ts';
import { Name } from '../../ui/person.tsx';
import classes from './create.module.css';
import type { CreateFormState } from './create-dialog.tsx';

const SHOWN = 8;
const TYPING_MS = 200;

/** Takes the permissions of another key, and says how many of them cannot be given. */
export function CopyFromKey({ form }: { form: CreateFormState }) {
  const { change, grant } = form;
  const [text, setText] = useState('');
  const [copied, setCopied] = useState<ApiKeyBody | null>(null);
  const navigate = useNavigate();
  const keys = useKeys(text.trim());
  const leftOut = copied?.permissions.filter((permission) => !grant.held.has(permission)).length ?? 0;
  const type = (typed: string): void => {
    const isKey = pastedKey.take(typed);
    setText(isKey ? '' : typed);
    if (isKey) void navigate({ to: '/keys/find' });
  };
  const copy = (key: ApiKeyBody): void => {
    setCopied(key);
    change({ preset: 'custom', custom: new Set(key.permissions) });
  };
  return (
    <>
      <Menu position="bottom-start" width={280} onClose={() => setText('')}>
        <Menu.Target>
          <Button leftSection={<IconCopy size={15} stroke={1.75} aria-hidden />}>Copy from a key</Button>
        </Menu.Target>
        <Menu.Dropdown>
          <TextInput
            aria-label="Find a key"
            placeholder="Name, key id or last four characters"
            autoComplete="off"
            value={text}
            onChange={(event) => type(event.currentTarget.value)}
          />
          {keys.map((key) => (
            <Menu.Item
              key={key.id}
              rightSection={<small>{plural(key.permissions.length, 'permission')}</small>}
              onClick={() => copy(key)}
            >
              <Name text={key.name} />
            </Menu.Item>
          ))}
          {keys.length === 0 && <Menu.Label>No key matches.</Menu.Label>}
        </Menu.Dropdown>
      </Menu>
      {copied && form.draft.preset === 'custom' && (
        <p className={classes.copied} role="status">
          Copied from “<bdi>{copied.name}</bdi>”.{' '}
          {leftOut > 0 &&
            `${plural(leftOut, 'permission was', 'permissions were')} left out: you cannot give ${leftOut === 1 ? 'it' : 'them'}.`}
        </p>
      )}
    </>
  );
}

function useKeys(typed: string): readonly ApiKeyBody[] {
  const [search] = useDebouncedValue(typed, TYPING_MS);
  const { data = [] } = useQuery({
    queryKey: [...KEYS, 'to-copy', search],
    placeholderData: keepPreviousData,
    queryFn: async () => {
      const order = { sortBy: 'lastUsedAt', sortOrder: 'desc', limit: SHOWN } as const;
      return (await latchkey.keys.list({ ...order, ...(search && { search }) })).apiKeys;
    },
  });
  return data;
}
