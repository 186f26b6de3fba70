import { useEffect, useState } from 'react';

const TYPING_MS = 250;

/** The text of a field that follows `value`. `onTyped` is called after a pause, with what was typed without spaces at its ends. */
export function useTyped(value: string, onTyped: (text: string) => void) {
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  useEffect(() => {
    const typed = text.trim();
    if (typed === value) return;
    const timer = setTimeout(() => onTyped(typed), TYPING_MS);
    return () => clearTimeout(timer);
  });
  return [text, setText] as const;
}
