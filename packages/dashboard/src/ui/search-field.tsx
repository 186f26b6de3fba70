import { TextInput } from '@mantine/core';
import { IconSearch } from './icons.ts';

interface SearchFieldProps {
  readonly label: string;
  readonly placeholder: string;
  readonly value: string;
  readonly onChange: (text: string) => void;
  readonly className?: string | undefined;
}

/** A field whose text filters what is shown. */
export function SearchField({ label, placeholder, value, onChange, className }: SearchFieldProps) {
  return (
    <TextInput
      {...(className !== undefined && { className })}
      type="search"
      aria-label={label}
      placeholder={placeholder}
      leftSection={<IconSearch size={16} stroke={1.75} aria-hidden />}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}
