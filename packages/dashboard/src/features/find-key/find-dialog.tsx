import { containsSecret, isKeyText } from '@latchkey/contract/key-format';
import { Textarea } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { pastedKey } from '../../data/passing-secrets.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { IconAlertTriangle, IconCheck, IconEyeOff } from '../../ui/icons.ts';
import classes from './find.module.css';
import { FoundKeys } from './found-keys.tsx';

/** The text is cleared after this time, in case the page is left open. */
const CLEARED_MS = 2 * 60_000;

/** Whose key is this, is it in use, and how is it stopped? The text stays in this page: only four characters are sent. */
export function FindDialog() {
  const navigate = useNavigate();
  const [text, setText] = useState(pastedKey.drop);
  useEffect(() => {
    if (text === '') return;
    const timer = setTimeout(() => setText(''), CLEARED_MS);
    return () => clearTimeout(timer);
  }, [text]);
  const close = (): void => {
    setText('');
    void navigate({ to: '/keys', search: (before) => before, replace: true });
  };
  const found = keyIn(text);
  return (
    <Dialog title="Find a leaked key" width={600} onClose={close}>
      <Textarea
        label="Paste the key, or any text that contains it"
        data-autofocus
        autoComplete="off"
        spellCheck={false}
        rows={3}
        classNames={{ input: classes.text, label: classes.label }}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <p className={classes.hint}>
        <IconEyeOff size={15} stroke={1.75} aria-hidden /> Checked on this page. Only the last four characters
        are sent.
      </p>
      <div aria-live="polite">
        {found?.isWhole === false && (
          <p className={classes.wrong}>
            <IconAlertTriangle size={16} stroke={1.75} aria-hidden /> {found.problem}
          </p>
        )}
        {found?.isWhole && (
          <>
            <p className={classes.right}>
              <IconCheck size={17} stroke={2} aria-hidden /> This is a Latchkey key, and its checksum is
              right.
            </p>
            <FoundKeys secret={found.secret} onLeave={() => setText('')} />
          </>
        )}
      </div>
    </Dialog>
  );
}

type KeyInText =
  | { readonly isWhole: true; readonly secret: string }
  | { readonly isWhole: false; readonly problem: string };

/** Words that can be keys: the labels and the random text, joined by underscores. */
const WORD = /[0-9A-Za-z]+(?:_[0-9A-Za-z]+)+/g;

/** The first key in a text, with a valid checksum; what is wrong if there is none; null for an empty text. */
function keyIn(text: string): KeyInText | null {
  if (text.trim() === '') return null;
  const secret = (text.match(WORD) ?? []).find(isKeyText);
  if (secret !== undefined) return { isWhole: true, secret };
  const problem = containsSecret(text)
    ? 'This is not a Latchkey key: its checksum is wrong. Check that it was copied whole.'
    : 'There is no whole Latchkey key in this text. A key has the form lk_live_…, and ends with 49 letters and digits.';
  return { isWhole: false, problem };
}
