import { Button, SegmentedControl } from '@mantine/core';
import { useBlocker } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import { COPY_KEYS, copyText } from '../ui/buttons.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { IconCheck, IconCopy } from '../ui/icons.ts';
import classes from './secret.module.css';
import { SNIPPETS, type SnippetName } from './snippets.ts';

interface SecretDialogProps {
  readonly name: string;
  readonly secret: string;
  /** Must drop the secret. */
  readonly onClose: () => void;
}

/**
 * Shows a secret, once. Neither Escape, a click outside, nor Back closes it; without a copy it asks before it closes. The secret
 * is only in the state of the parent, and in the page until the dialog is closed or the page is left.
 */
export function SecretDialog({ name, secret, onClose }: SecretDialogProps) {
  const [copied, setCopied] = useState<'yes' | 'by-hand' | null>(null);
  const [isAsking, setAsking] = useState(false);
  const isClosing = useRef(false);
  const text = useRef<HTMLElement>(null);
  useBlocker({ shouldBlockFn: () => !isClosing.current, enableBeforeUnload: () => copied === null });
  useEffect(() => {
    // The browser may keep the page for Back.
    addEventListener('pagehide', onClose);
    return () => removeEventListener('pagehide', onClose);
  }, [onClose]);
  const close = (): void => {
    isClosing.current = true;
    onClose();
  };
  const copy = async (): Promise<void> => {
    setAsking(false);
    if (await copyText(secret)) return setCopied('yes');
    if (text.current) getSelection()?.selectAllChildren(text.current);
    setCopied('by-hand');
  };
  const footer = isAsking ? (
    <Question onCopy={() => void copy()} onClose={close} />
  ) : (
    <>
      <span className={classes.state} role="status">
        {copied === null && 'Not copied yet'}
        {copied === 'yes' && 'Copied'}
        {copied === 'by-hand' && `The secret is selected. Press ${COPY_KEYS} to copy.`}
      </span>
      <Button
        variant={copied === null ? 'default' : 'filled'}
        onClick={copied === null ? () => setAsking(true) : close}
      >
        Done
      </Button>
    </>
  );
  return (
    <Dialog title={<Title name={name} />} width={690} footer={footer}>
      <p className={classes.advice}>
        Copy the secret now and store it where your program reads it. Latchkey keeps only a digest and cannot
        show the secret again.
      </p>
      <h3 className={classes.label}>Secret</h3>
      <div className={classes.field}>
        <code ref={text}>{secret}</code>
        <Button
          className={classes.copy}
          variant={copied === 'yes' ? 'default' : 'filled'}
          data-autofocus
          leftSection={
            copied === 'yes' ? <IconCheck size={16} aria-hidden /> : <IconCopy size={16} aria-hidden />
          }
          onClick={() => void copy()}
        >
          {copied === 'yes' ? 'Copied' : 'Copy'}
        </Button>
      </div>
      <p className={classes.hint}>
        Ends in <code>{secret.slice(-4)}</code>. That is how you find this key later.
      </p>
      <Snippets />
    </Dialog>
  );
}

function Title({ name }: { name: string }) {
  return (
    <span className={classes.title}>
      <span className={classes.done} aria-hidden>
        <IconCheck size={15} stroke={2.5} />
      </span>
      <span>
        “<bdi>{name}</bdi>” is ready
      </span>
    </span>
  );
}

function Question({ onCopy, onClose }: { onCopy: () => void; onClose: () => void }) {
  return (
    <>
      <span className={classes.question} role="alert">
        You have not copied the secret. It cannot be shown again.
      </span>
      <Button onClick={onClose}>Close without it</Button>
      <Button variant="filled" onClick={onCopy}>
        Copy
      </Button>
    </>
  );
}

function Snippets() {
  const [shown, setShown] = useState<SnippetName>('curl');
  return (
    <>
      <div className={classes.tabs}>
        <h3 className={classes.label}>Try it</h3>
        <SegmentedControl
          aria-label="Language"
          data={Object.keys(SNIPPETS)}
          value={shown}
          onChange={(value) => setShown(value as SnippetName)}
        />
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a long line is scrolled with the keyboard */}
      <pre className={classes.snippet} tabIndex={0}>
        {SNIPPETS[shown](location.origin)}
      </pre>
      <p className={classes.hint}>
        The snippet reads the secret from the environment, so that it stays out of your shell history.
      </p>
    </>
  );
}
