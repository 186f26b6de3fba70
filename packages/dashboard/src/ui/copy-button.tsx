import { ActionIcon } from '@mantine/core';
import { useState } from 'react';
import { IconCheck, IconCopy } from './icons.ts';

const SHOWN_MS = 2_000;

/** Copies a text that is not a secret. */
export function CopyButton({ text, label }: { text: string; label: string }) {
  const [isCopied, setCopied] = useState(false);
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(text).catch(() => undefined);
    setCopied(true);
    setTimeout(() => setCopied(false), SHOWN_MS);
  };
  return (
    <ActionIcon
      variant="subtle"
      color="gray"
      size={28}
      aria-label={isCopied ? 'Copied' : label}
      onClick={() => void copy()}
    >
      {isCopied ? <IconCheck size={15} stroke={1.75} /> : <IconCopy size={15} stroke={1.75} />}
    </ActionIcon>
  );
}
