import { Combobox, Modal, TextInput, useCombobox } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { latchkey } from '../data/client.ts';
import { pastedKey } from '../data/passing-secrets.ts';
import { KEYS, useMe } from '../data/queries.ts';
import { useFocusReturn } from '../ui/focus-return.ts';
import { IconSearch } from '../ui/icons.ts';
import { type Command, questionOf, useCommands } from './commands.ts';
import classes from './shell.module.css';
import { Keys } from './shortcut-help.tsx';

const KEYS_MAX = 5;
const TYPING_MS = 200;
const SEARCH_MIN = 2;

interface PaletteProps {
  readonly onClose: () => void;
  readonly onHelp: () => void;
}

/** Finds keys, members, actions and screens by what is typed. A pasted key is not searched for: it opens the search for a leaked key. */
export function Palette({ onClose, onHelp }: PaletteProps) {
  const [text, setText] = useState('');
  const { may } = useMe();
  const navigate = useNavigate();
  useFocusReturn();
  // Escape is for the list of a combobox, which is open as long as the palette is.
  const onDropdownClose = (source: string): void => {
    if (source === 'keyboard') onClose();
  };
  const combobox = useCombobox({ opened: true, onDropdownClose });
  const typed = text.trim();
  const commands = useCommands(typed, useFoundKeys(typed), onHelp);
  // The first command is chosen, so that Enter runs it.
  // biome-ignore lint/correctness/useExhaustiveDependencies: other commands are a new choice
  useEffect(() => {
    combobox.selectFirstOption();
  }, [commands.map(({ id }) => id).join()]);
  const type = (given: string): void => {
    const isKey = pastedKey.take(given);
    setText(isKey ? '' : given);
    if (!isKey) return;
    onClose();
    void navigate({ to: '/keys/find' });
  };
  const run = (id: string): void => {
    onClose();
    commands.find((command) => command.id === id)?.run();
  };
  const groups = Map.groupBy(commands, ({ group }) => group);
  return (
    <Modal.Root
      opened
      onClose={onClose}
      size={600}
      yOffset="12dvh"
      lockScroll={false}
      classNames={{ content: classes.palette }}
    >
      <Modal.Overlay />
      <Modal.Content aria-label="Search">
        <Combobox store={combobox} onOptionSubmit={run}>
          <Combobox.EventsTarget>
            <TextInput
              classNames={{ input: classes.paletteInput }}
              size="md"
              ref={focusAtOnce}
              data-autofocus
              aria-label="Search for keys, members and actions"
              placeholder="Search for keys, members and actions"
              autoComplete="off"
              spellCheck={false}
              leftSection={<IconSearch size={17} stroke={1.75} aria-hidden />}
              value={text}
              onChange={(event) => type(event.currentTarget.value)}
            />
          </Combobox.EventsTarget>
          <Combobox.Options className={classes.commands} aria-label="Results" hidden={commands.length === 0}>
            {[...groups].map(([group, members]) => (
              <Combobox.Group key={group} label={group}>
                {members.map((command) => (
                  <Line key={command.id} command={command} reason={reasonOf(command, may)} />
                ))}
              </Combobox.Group>
            ))}
          </Combobox.Options>
          {commands.length === 0 && (
            <p role="status" className={classes.nothing}>
              Nothing matches.
            </p>
          )}
        </Combobox>
      </Modal.Content>
    </Modal.Root>
  );
}

/** A dialog moves the focus after its transition has begun: until then, nothing that is typed would be in the field. */
function focusAtOnce(field: HTMLInputElement | null): void {
  field?.focus();
}

/** The keys that match, the last used first. */
function useFoundKeys(typed: string) {
  const { search } = questionOf(typed);
  const [settled] = useDebouncedValue(search, TYPING_MS);
  const isSearch = settled.length >= SEARCH_MIN;
  const { data = [] } = useQuery({
    queryKey: [...KEYS, 'palette', settled],
    enabled: isSearch,
    placeholderData: keepPreviousData,
    queryFn: async () => {
      const order = { sortBy: 'lastUsedAt', sortOrder: 'desc', limit: KEYS_MAX } as const;
      return (await latchkey.keys.list({ search: settled, ...order })).apiKeys;
    },
  });
  return isSearch && search.length >= SEARCH_MIN ? data : [];
}

/** Why the command is not available; null: it is. */
function reasonOf({ needs }: Command, may: ReturnType<typeof useMe>['may']): string | null {
  return needs === undefined || may(needs) ? null : `Your role does not have ${needs}.`;
}

function Line({ command, reason }: { command: Command; reason: string | null }) {
  const { id, icon: Icon, label, detail, shortcut } = command;
  const note = reason ?? detail;
  return (
    <Combobox.Option value={id} disabled={reason !== null} className={classes.command}>
      <Icon size={16} stroke={1.75} aria-hidden />
      <bdi>{label}</bdi>
      {note && <small>{note}</small>}
      {shortcut && reason === null && (
        <span className={classes.keys}>
          <Keys shortcut={shortcut} />
        </span>
      )}
    </Combobox.Option>
  );
}
