import type { ApiKeyBody } from '@latchkey/contract';
import { Button, Checkbox, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Navigate, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { latchkey } from '../../data/client.ts';
import { KEYS } from '../../data/queries.ts';
import { revokeSearch } from '../../data/search-parameters.ts';
import { useSetActive } from '../../data/set-active.tsx';
import { ConfirmButtons } from '../../ui/buttons.tsx';
import { Choices } from '../../ui/choices.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { KeyList } from '../../ui/key-list.tsx';
import { Problem } from '../../ui/notices.tsx';
import { plural } from '../../ui/numbers.ts';
import { DAY_MS, useNow } from '../../ui/time.ts';
import classes from './key.module.css';
import { keyQuery } from './queries.ts';
import { RecentUse } from './recent-use.tsx';

const REASONS = [
  { value: 'No longer needed', label: 'No longer needed' },
  { value: 'COMPROMISED', label: 'Leaked' },
  { value: 'Owner leaves', label: 'Owner leaves' },
  { value: 'Other', label: 'Other' },
] as const;

const RECENT_MS = 7 * DAY_MS;

/** What would stop working, and then the end of the key. */
export function RevokeDialog() {
  const { keyId } = useParams({ from: '/shell/keys/$keyId/revoke' });
  const navigate = useNavigate();
  const { data: key } = useQuery(keyQuery(keyId));
  const close = (): void => void navigate({ to: '/keys/$keyId', params: { keyId }, replace: true });
  if (!key) return null;
  if (key.status === 'revoked') return <Navigate to="/keys/$keyId" params={{ keyId }} replace />;
  return <RevokeForm apiKey={key} onClose={close} />;
}

function RevokeForm({ apiKey, onClose }: { apiKey: ApiKeyBody; onClose: () => void }) {
  const { reason: asked } = revokeSearch({ ...useSearch({ from: '/shell/keys/$keyId/revoke' }) });
  const [reason, setReason] = useState<string>(asked === 'leaked' ? 'COMPROMISED' : REASONS[0].value);
  const [cascade, setCascade] = useState(false);
  const [typed, setTyped] = useState('');
  const now = useNow();
  const setActive = useSetActive();
  const isLeaked = reason === 'COMPROMISED';
  const isCascade = cascade || isLeaked;
  const lastFour = apiKey.key.slice(-4);
  const isRecent = apiKey.lastUsedAt !== null && now - Date.parse(apiKey.lastUsedAt) < RECENT_MS;
  const mustType = isRecent || isCascade;
  const affected = useAffected(apiKey, reason, isCascade);
  const revoke = useRevoke(apiKey);
  const disable = (): void => setActive.mutate({ apiKey, isActive: false }, { onSuccess: onClose });
  const footer = (
    <ConfirmButtons
      label="Revoke key"
      isDangerous
      isDisabled={mustType && typed.trim() !== lastFour}
      isPending={revoke.isPending}
      onConfirm={() => revoke.mutate({ reason, cascade: isCascade })}
      onClose={onClose}
    >
      {!isLeaked && apiKey.isActive && (
        <Button variant="subtle" loading={setActive.isPending} onClick={disable}>
          Disable instead
        </Button>
      )}
    </ConfirmButtons>
  );
  return (
    <Dialog
      title={
        <>
          Revoke “<bdi>{apiKey.name}</bdi>”?
        </>
      }
      width={560}
      onClose={onClose}
      footer={footer}
    >
      <p className={classes.effect}>It stops working at once and cannot be restored.</p>
      <RecentUse apiKey={apiKey} />
      <Choices label="Why" name="reason" options={REASONS} value={reason} onChange={setReason} />
      <p className={classes.help}>“Leaked” also revokes every key that this key made.</p>
      <Checkbox
        className={classes.cascade}
        label="Also revoke every key that it made"
        disabled={isLeaked}
        checked={isCascade}
        onChange={(event) => setCascade(event.currentTarget.checked)}
      />
      {isCascade && <AffectedKeys affected={affected} />}
      {mustType && (
        <TextInput
          className={classes.confirm}
          label={
            <>
              To confirm, type the last four characters: <code>{lastFour}</code>
            </>
          }
          autoComplete="off"
          spellCheck={false}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
      )}
      {(revoke.error ?? setActive.error) && <Problem error={revoke.error ?? setActive.error} />}
    </Dialog>
  );
}

function useRevoke(apiKey: ApiKeyBody) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (body: { reason: string; cascade: boolean }) => latchkey.keys.revoke(apiKey.id, body),
    async onSuccess({ ended }) {
      await queryClient.invalidateQueries({ queryKey: KEYS });
      const keys = ended.filter(({ kind }) => kind === 'api-key').length;
      const more =
        keys > 0 ? ` ${plural(keys, 'key that it made is', 'keys that it made are')} revoked too.` : '';
      notifications.show({ message: `${apiKey.name} is revoked.${more}` });
    },
  });
}

/** The keys that a revocation would stop, besides the key itself; undefined until the service has tried it. */
function useAffected(apiKey: ApiKeyBody, reason: string, cascade: boolean) {
  return useQuery({
    queryKey: [...KEYS, 'affected', apiKey.id, cascade],
    queryFn: async () => {
      const { affected } = await latchkey.keys.revoke(apiKey.id, { reason, cascade, dryRun: true });
      return { total: affected?.total ?? 0, keys: affected?.keys.filter(({ id }) => id !== apiKey.id) ?? [] };
    },
  });
}

/** What the cascade would end, the last used first. */
function AffectedKeys({ affected }: { affected: ReturnType<typeof useAffected> }) {
  const { data, error } = affected;
  if (error) return <Problem error={error} />;
  if (!data || data.keys.length === 0) return null;
  return <KeyList keys={data.keys} total={data.total - 1} label="Keys that are revoked too" />;
}
