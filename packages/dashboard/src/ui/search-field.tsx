import { TextInput } from '@mantine/core';
import { useLocation, useRouter } from '@tanstack/react-router';
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
 * only on the screen where it was typed: it changes the address, and would lead back from another one.
 */
export function useTyped(value: string, onTyped: (text: string) => void) {
  const router = useRouter();
  const pathname = useLocation({ select: (location) => location.pathname });
  const [{ text, at }, setTyped] = useState({ text: value, at: pathname });
  useEffect(() => setTyped((former) => ({ ...former, text: value })), [value]);
  useEffect(() => {
    const typed = text.trim();
    if (typed === value.trim() || pathname !== at) return;
    const timer = setTimeout(() => {
      if (router.latestLocation.pathname === at) onTyped(typed);
    }, TYPING_MS);
    return () => clearTimeout(timer);
  });
  const setText = (typed: string) => setTyped({ text: typed, at: pathname });
  return [text, setText] as const;
}
