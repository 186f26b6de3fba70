import { Button, Menu, TextInput } from '@mantine/core';
import { useState } from 'react';
import { IconCheck, IconChevronDown, IconX } from './icons.ts';
import { Name } from './person.tsx';
import classes from './ui.module.css';

interface Option {
  readonly value: string;
  readonly label: string;
}

interface FilterMenuProps {
  readonly label: string;
  readonly options: readonly Option[];
  readonly value: string | undefined;
  readonly onChange: (value: string | undefined) => void;
}

/** Longer lists have a field that finds an option. */
const SHORT_LIST = 8;

/** A button that shows the chosen value of a filter, and a menu to choose another or none. */
export function FilterMenu({ label, options, value, onChange }: FilterMenuProps) {
  const [text, setText] = useState('');
  const chosen = options.find((option) => option.value === value);
  const shown = options.filter((option) => option.label.toLowerCase().includes(text.trim().toLowerCase()));
  return (
    <Menu position="bottom-start" onClose={() => setText('')} width={248}>
      <Menu.Target>
        <Button
          className={classes.filter}
          data-chosen={value !== undefined || undefined}
          rightSection={<IconChevronDown size={15} stroke={1.75} aria-hidden />}
        >
          {label}
          {value !== undefined && (
            <>
              : <Name text={chosen?.label ?? value} />
            </>
          )}
        </Button>
      </Menu.Target>
      <Menu.Dropdown className={classes.filterList}>
        {options.length > SHORT_LIST && (
          <TextInput
            className={classes.filterSearch}
            aria-label={`Find ${label.toLowerCase()}`}
            placeholder="Find"
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
          />
        )}
        {value !== undefined && (
          <Menu.Item
            leftSection={<IconX size={15} stroke={1.75} aria-hidden />}
            onClick={() => onChange(undefined)}
          >
            Any
          </Menu.Item>
        )}
        {shown.map((option) => (
          <Menu.Item
            key={option.value}
            rightSection={option.value === value && <IconCheck size={15} stroke={1.75} aria-label="Chosen" />}
            onClick={() => onChange(option.value)}
          >
            <Name text={option.label} />
          </Menu.Item>
        ))}
        {shown.length === 0 && <Menu.Label>No match</Menu.Label>}
      </Menu.Dropdown>
    </Menu>
  );
}
