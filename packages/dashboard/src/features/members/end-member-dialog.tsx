import type { MemberBody } from '@latchkey/contract';
import { TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { latchkey } from '../../data/client.ts';
import { KEYS } from '../../data/queries.ts';
import { ConfirmButtons } from '../../ui/buttons.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { KeyList } from '../../ui/key-list.tsx';
import { Problem } from '../../ui/notices.tsx';
import { plural } from '../../ui/numbers.ts';
import classes from './members.module.css';

interface EndMemberDialogProps {
  readonly member: MemberBody;
  /** `suspend` also activates a member who is suspended. */
  readonly verb: 'suspend' | 'remove';
  readonly onClose: () => void;
}

/** Suspends, activates or removes a member, and shows first which keys would stop working. */
export function EndMemberDialog({ member, verb, onClose }: EndMemberDialogProps) {
  const { displayName } = member;
  const [typed, setTyped] = useState('');
  const { data: held } = useHeldKeys(member.userId);
  const isActivation = verb === 'suspend' && member.status === 'suspended';
  const isRemoval = verb === 'remove';
  const change = useEnd(member, verb);
  const total = held?.pagination.total ?? 0;
  const mustType = isRemoval && total > 0;
  const words = isActivation ? 'Activate' : isRemoval ? 'Remove' : 'Suspend';
  const footer = (
    <ConfirmButtons
      label={words}
      isDangerous={!isActivation}
      isDisabled={!held || (mustType && typed.trim() !== String(total))}
      isPending={change.isPending}
      onConfirm={() => change.mutate(undefined, { onSuccess: onClose })}
      onClose={onClose}
    />
  );
  return (
    <Dialog
      title={
        <>
          {words} “<bdi>{displayName}</bdi>”?
        </>
      }
      width={560}
      onClose={onClose}
      footer={footer}
    >
      <div className={classes.fields}>
        <p>{effectOf(isActivation, isRemoval, total)}</p>
        {!isActivation && total > 0 && <KeyList keys={held?.apiKeys ?? []} total={total} />}
        {mustType && (
          <TextInput
            label={`To confirm, type the number of keys: ${total}`}
            inputMode="numeric"
            autoComplete="off"
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
          />
        )}
        {change.error && <Problem error={change.error} />}
      </div>
    </Dialog>
  );
}

function effectOf(isActivation: boolean, isRemoval: boolean, total: number): string {
  if (isActivation) return 'Their keys work again, and they can sign in.';
  const keys =
    total === 0
      ? 'They hold no active key.'
      : `This ${isRemoval ? 'revokes' : 'stops'} ${plural(total, 'key')}:`;
  return isRemoval
    ? `They leave the workspace, and their sessions end. ${keys}`
    : `They cannot sign in, and their keys are denied until they are active again. ${keys}`;
}

function useEnd(member: MemberBody, verb: 'suspend' | 'remove') {
  const queryClient = useQueryClient();
  const { workspaceId, userId, displayName, status } = member;
  return useMutation({
    async mutationFn() {
      if (verb === 'remove') await latchkey.members.remove(workspaceId, userId);
      else
        await latchkey.members.update(workspaceId, userId, {
          status: status === 'active' ? 'suspended' : 'active',
        });
    },
    async onSuccess() {
      await queryClient.invalidateQueries();
      const done = verb === 'remove' ? 'removed' : status === 'active' ? 'suspended' : 'active';
      notifications.show({ message: `${displayName} is ${done}.` });
    },
  });
}

const SHOWN = 100;

/** The active keys of a member, the last used first, and how many there are. */
function useHeldKeys(userId: string) {
  return useQuery({
    queryKey: [...KEYS, 'of', userId],
    queryFn: () =>
      latchkey.keys.list({ userId, status: 'active', limit: SHOWN, sortBy: 'lastUsedAt', sortOrder: 'desc' }),
  });
}
