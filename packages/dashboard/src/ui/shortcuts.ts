import { useEffect, useRef } from 'react';

/** Every shortcut, as the help lists it. `mod` is Ctrl, or ⌘ on a Mac; two keys are pressed one after the other. */
export const SHORTCUTS = {
  'mod k': { group: 'Anywhere', label: 'Search for keys, members and actions' },
  '/': { group: 'Anywhere', label: 'Go to the search field' },
  c: { group: 'Anywhere', label: 'Create a key' },
  f: { group: 'Anywhere', label: 'Find a leaked key' },
  '?': { group: 'Anywhere', label: 'Show these shortcuts' },
  'g k': { group: 'Go to', label: 'Keys' },
  'g u': { group: 'Go to', label: 'Usage' },
  'g m': { group: 'Go to', label: 'Members' },
  'g r': { group: 'Go to', label: 'Roles' },
  'g a': { group: 'Go to', label: 'Audit log' },
  'g s': { group: 'Go to', label: 'Settings' },
  j: { group: 'List of keys', label: 'Next key' },
  k: { group: 'List of keys', label: 'Previous key' },
  x: { group: 'List of keys', label: 'Select the key' },
  Enter: { group: 'List of keys', label: 'Open the key' },
  r: { group: 'One key', label: 'Rotate' },
  e: { group: 'One key', label: 'Edit the name' },
  'mod Enter': { group: 'Forms', label: 'Continue, or submit' },
  Escape: { group: 'Forms', label: 'Close' },
} as const;

export type Shortcut = keyof typeof SHORTCUTS;

const IS_MAC = /Mac|iPhone|iPad/.test(navigator.userAgent);

/** The keys as they are printed on the keyboard of the reader. */
export const keyNames = (shortcut: Shortcut): readonly string[] =>
  shortcut.split(' ').map((key) => {
    if (key === 'mod') return IS_MAC ? '⌘' : 'Ctrl';
    return key.length === 1 ? key.toUpperCase() : key.replace('Escape', 'Esc');
  });

const STORED_AS = 'latchkey-shortcuts';

/** Whether shortcuts of single keys work in this browser: they disturb people who speak to their computer (WCAG 2.1.4). */
export const singleKeys = {
  areOn: (): boolean => localStorage.getItem(STORED_AS) !== 'off',
  set(areOn: boolean): void {
    if (areOn) localStorage.removeItem(STORED_AS);
    else localStorage.setItem(STORED_AS, 'off');
  },
};

/** The second key of a sequence must follow within this time. */
const SEQUENCE_MS = 1_000;

const actions = new Map<Shortcut, () => void>();
let first: { readonly key: string; readonly at: number } | null = null;

/** Runs the action when the shortcut is pressed while this component is shown. Not while a person types, nor in a dialog. */
export function useShortcut(shortcut: Shortcut, action: () => void, isEnabled = true): void {
  const latest = useRef(action);
  latest.current = action;
  useEffect(() => {
    if (!isEnabled) return;
    const run = (): void => latest.current();
    actions.set(shortcut, run);
    return () => {
      if (actions.get(shortcut) === run) actions.delete(shortcut);
    };
  }, [shortcut, isEnabled]);
}

const TYPING = 'input:not([type="checkbox"], [type="radio"]), textarea, select, [contenteditable]';

addEventListener('keydown', (event) => {
  if (event.defaultPrevented || event.altKey || document.querySelector('[aria-modal="true"]')) return;
  const shortcut = pressed(event);
  const action = shortcut && actions.get(shortcut);
  if (!action) return;
  event.preventDefault();
  action();
});

/** The shortcut that the key completes, if there is one. */
function pressed(event: KeyboardEvent): Shortcut | null {
  const { key, target, timeStamp } = event;
  if (event.ctrlKey || event.metaKey) return known(`mod ${key.toLowerCase()}`);
  const isTyping = target instanceof Element && target.matches(TYPING);
  if (isTyping || !singleKeys.areOn()) return null;
  const before = first && timeStamp - first.at < SEQUENCE_MS ? first.key : null;
  const sequence = before === null ? null : known(`${before} ${key}`);
  first = sequence === null ? { key, at: timeStamp } : null;
  return sequence ?? known(key);
}

const known = (text: string): Shortcut | null => (text in SHORTCUTS ? (text as Shortcut) : null);
