import { Button } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { latchkey } from '../../data/client.ts';
import { useMe } from '../../data/queries.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { IconDownload } from '../../ui/icons.ts';
import { Problem } from '../../ui/notices.tsx';
import { count } from '../../ui/numbers.ts';
import classes from './audit.module.css';

const KB = 1_000;

/** Exports the whole chain as a file, and says how it is checked offline. */
export function ExportButton() {
  const { may } = useMe();
  const [isOpen, setOpen] = useState(false);
  if (!may('api-keys:read') || !may('api-keys:manage-others')) return null;
  return (
    <>
      <Button
        leftSection={<IconDownload size={16} stroke={1.75} aria-hidden />}
        onClick={() => setOpen(true)}
      >
        Export
      </Button>
      {isOpen && <ExportDialog onClose={() => setOpen(false)} />}
    </>
  );
}

function ExportDialog({ onClose }: { onClose: () => void }) {
  const [bytes, setBytes] = useState(0);
  const save = useMutation({
    async mutationFn() {
      const lines: string[] = [];
      let size = 0;
      for await (const line of latchkey.auditLog.export()) {
        lines.push(`${line}\n`);
        size += line.length + 1;
        setBytes(size);
      }
      if (!lines.at(-1)?.startsWith('{"anchor":')) throw new Error('The export ends before its anchor line');
      download(new Blob(lines, { type: 'application/x-ndjson' }));
    },
  });
  const footer = (
    <>
      <span className={classes.grow}>{bytes > 0 && `${count(Math.ceil(bytes / KB))} kB`}</span>
      <Button onClick={onClose}>Close</Button>
      <Button variant="filled" loading={save.isPending} onClick={() => save.mutate()}>
        Export
      </Button>
    </>
  );
  return (
    <Dialog title="Export the audit log" width={560} onClose={onClose} footer={footer}>
      <div className={classes.explain}>
        <p>
          The file has every entry of the workspace, one line each, in the order of the chain. Each entry has
          a hash over itself and the entry before it, so a changed or missing entry is found. The last line is
          the anchor: the number and the hash of the last entry. Keep it elsewhere to prove later that nothing
          before it was changed.
        </p>
        <p>Check the file offline:</p>
        <pre>latchkey audit verify audit-log.ndjson</pre>
        {save.isSuccess && <p role="status">The export is complete: its last line is the anchor.</p>}
        {save.error && <Problem error={save.error} />}
      </div>
    </Dialog>
  );
}

function download(blob: Blob): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = url;
  link.download = 'audit-log.ndjson';
  link.click();
  URL.revokeObjectURL(url);
}
