import type { ApiKeyBody } from '@latchkey/contract';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { latchkey } from '../../data/client.ts';
import { KEYS } from '../../data/queries.ts';
import { rotateSearch } from '../../data/search-parameters.ts';
import { SecretDialog } from '../../secret/secret-dialog.tsx';
import { ConfirmButtons } from '../../ui/buttons.tsx';
import { Choices } from '../../ui/choices.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Problem } from '../../ui/notices.tsx';
import { minuteInZones } from '../../ui/time.ts';
import classes from './key.module.css';
import { keyQuery } from './queries.ts';

const OVERLAPS = [
  { value: '0', label: 'None' },
  { value: '3600', label: '1 hour' },
  { value: '86400', label: '24 hours' },
  { value: '604800', label: '7 days' },
] as const;
const DEFAULT = '86400';

/** Gives the key a new secret, and shows it once. */
export function RotateDialog() {
  const { keyId } = useParams({ from: '/shell/keys/$keyId/rotate' });
  const navigate = useNavigate();
  const { data: key } = useQuery(keyQuery(keyId));
  const [secret, setSecret] = useState<string | null>(null);
  const close = (): void => {
    setSecret(null);
    void navigate({ to: '/keys/$keyId', params: { keyId }, replace: true });
  };
  if (!key) return null;
  if (secret !== null) return <SecretDialog name={key.name} secret={secret} onClose={close} />;
  return <RotateForm apiKey={key} onRotated={setSecret} onClose={close} />;
}

interface RotateFormProps {
  readonly apiKey: ApiKeyBody;
  readonly onRotated: (secret: string) => void;
  readonly onClose: () => void;
}

function RotateForm({ apiKey, onRotated, onClose }: RotateFormProps) {
  const { overlap: asked = DEFAULT } = rotateSearch({ ...useSearch({ from: '/shell/keys/$keyId/rotate' }) });
  const [overlap, setOverlap] = useState<string>(asked);
  const [idempotencyKey] = useState(() => crypto.randomUUID());
  const queryClient = useQueryClient();
  const rotate = useMutation({
    // The secret goes straight to the dialog: a result would be kept in the cache of mutations.
    async mutationFn() {
      const options = { overlapSeconds: Number(overlap), idempotencyKey: `${idempotencyKey}-${overlap}` };
      const { key } = await latchkey.keys.rotate(apiKey.id, options);
      await queryClient.invalidateQueries({ queryKey: KEYS });
      if (key === undefined) throw new Error('The secret of this rotation was shown before');
      onRotated(key);
    },
  });
  const footer = (
    <ConfirmButtons
      label="Rotate key"
      isPending={rotate.isPending}
      onConfirm={() => rotate.mutate()}
      onClose={onClose}
    />
  );
  return (
    <Dialog
      title={
        <>
          Rotate “<bdi>{apiKey.name}</bdi>”?
        </>
      }
      width={560}
      onClose={onClose}
      footer={footer}
    >
      <p className={classes.effect}>
        The key gets a new secret. The key id, permissions and limits stay. The last four characters change.
      </p>
      <Choices
        label="The old secret still works for"
        name="overlap"
        options={OVERLAPS}
        value={overlap}
        onChange={setOverlap}
      />
      <p className={classes.help}>{endText(Number(overlap), apiKey.expiresAt)}</p>
      {rotate.error && <Problem error={rotate.error} />}
    </Dialog>
  );
}

/** When the old secret ends: never after the key expires. */
function endText(seconds: number, expiresAt: string | null): string {
  if (seconds === 0) return 'The old secret ends at once. Programs that use it are denied.';
  const end = Math.min(
    Date.now() + seconds * 1_000,
    expiresAt === null ? Number.POSITIVE_INFINITY : Date.parse(expiresAt),
  );
  return `The old secret ends on ${minuteInZones(end)}.`;
}
