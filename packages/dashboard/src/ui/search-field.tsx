import { TextInput } from '@mantine/core';
import { useRouter } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
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

const TYPING_MS = 250;

/**
 * The text of a field that follows `value`. `onTyped` is called after a pause, with what was typed without spaces at its ends, but
 * not after the person has gone to another screen: it changes the address, and would lead back.
 */
export function useTyped(value: string, onTyped: (text: string) => void) {
  const router = useRouter();
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  useEffect(() => {
    const typed = text.trim();
    if (typed === value.trim()) return;
    const { pathname } = router.latestLocation;
    const timer = setTimeout(() => {
      if (router.latestLocation.pathname === pathname) onTyped(typed);
    }, TYPING_MS);
    return () => clearTimeout(timer);
  });
  return [text, setText] as const;
}
