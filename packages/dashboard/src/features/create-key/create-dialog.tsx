import type { Permission } from '@latchkey/contract';
import { Button } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { type KeyboardEvent, useMemo, useState } from 'react';
import { latchkey } from '../../data/client.ts';
import { type Grant, useGrant } from '../../data/grant.ts';
import { resourcesOf } from '../../data/permissions.ts';
import { catalogueQuery, KEYS, useMe, useMembers } from '../../data/queries.ts';
import { createSearch } from '../../data/search-parameters.ts';
import { SecretDialog } from '../../secret/secret-dialog.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { IconArrowLeft } from '../../ui/icons.ts';
import { Problem } from '../../ui/notices.tsx';
import { notifyWithButton } from '../../ui/notify-with-button.tsx';
import classes from './create.module.css';
import { DetailsStep } from './details-step.tsx';
import { chosenOf, type Draft, expiresAt, limitProblem, newKeyOf } from './draft.ts';
import { draftOfLink } from './draft-of-link.ts';
import { KeySummary } from './key-summary.tsx';
import { PermissionsStep } from './permissions-step.tsx';

/** What will this key be able to do? Opened over the table; then it shows the secret of the new key. */
export function CreateDialog() {
  const navigate = useNavigate();
  const close = (): void => {
    void navigate({ to: '/keys', search: {}, replace: true });
  };
  const { data: catalogue } = useQuery(catalogueQuery);
  const [created, setCreated] = useState<Created | null>(null);
  if (created) {
    const { id, name, secret } = created;
    const drop = (): void => {
      setCreated(null);
      close();
      offerToOpen(id, name, navigate);
    };
    return <SecretDialog name={name} secret={secret} onClose={drop} />;
  }
  return catalogue ? <CreateForm onCreated={setCreated} onClose={close} /> : null;
}

interface Created {
  readonly id: string;
  readonly name: string;
  readonly secret: string;
}

/**
 * The new key was not used yet, so that the list has it far from the top. Not inside the component, whose variables have the
 * secret.
 */
function offerToOpen(keyId: string, name: string, navigate: ReturnType<typeof useNavigate>): void {
  const message = (
    <>
      <bdi>{name}</bdi> is created.
    </>
  );
  notifyWithButton(message, 'Open it', () => void navigate({ to: '/keys/$keyId', params: { keyId } }));
}

interface CreateFormProps {
  readonly onCreated: (created: Created) => void;
  readonly onClose: () => void;
}

function CreateForm({ onCreated, onClose }: CreateFormProps) {
  const form = useCreateForm(onCreated);
  const { draft, step, setStep } = form;
  const isLast = step === 2;
  const act = (): void => {
    if (form.problem === null) isLast ? form.create.mutate() : setStep(2);
  };
  const submitByKeys = (event: KeyboardEvent): void => {
    if (event.key === 'Enter' && (event.metaKey || event.ctrlKey)) act();
  };
  const footer = (
    <>
      {isLast ? (
        <Button
          leftSection={<IconArrowLeft size={16} stroke={1.75} aria-hidden />}
          onClick={() => setStep(1)}
        >
          Back
        </Button>
      ) : (
        <Button onClick={onClose}>Cancel</Button>
      )}
      <span className={classes.footNote}>
        {isLast && form.create.error && <Problem error={form.create.error} />}
      </span>
      <Button variant="filled" disabled={form.problem !== null} loading={form.create.isPending} onClick={act}>
        {isLast ? 'Create key' : 'Choose permissions'}
      </Button>
    </>
  );
  const title = isLast ? (
    <>
      What may “<bdi>{draft.name.trim()}</bdi>” do?
    </>
  ) : (
    'Create a key'
  );
  return (
    <Dialog title={title} step={`Step ${step} of 2`} width={1040} isTall onClose={onClose} footer={footer}>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: Ctrl+Enter in any field of the form continues */}
      <div className={classes.columns} onKeyDown={submitByKeys}>
        <div className={classes.step}>
          {isLast ? <PermissionsStep form={form} /> : <DetailsStep form={form} onEnter={act} />}
        </div>
        <KeySummary form={form} />
      </div>
    </Dialog>
  );
}

export type CreateFormState = ReturnType<typeof useCreateForm>;

function useCreateForm(onCreated: CreateFormProps['onCreated']) {
  const me = useMe();
  const members = useMembers();
  const { data: catalogue = [] } = useQuery(catalogueQuery);
  const search = createSearch({ ...useSearch({ from: '/shell/keys/new' }) });
  const queryClient = useQueryClient();
  const [openedAt] = useState(Date.now);
  const [linked] = useState(() => draftOfLink(search, { userId: me.userId, members, catalogue }));
  const [draft, setDraft] = useState(linked.draft);
  const [step, setStep] = useState<1 | 2>(1);
  const [beforeOwner, setBeforeOwner] = useState<BeforeOwner | null>(null);
  const grant = useGrant(draft.ownerId);
  const chosen = chosenOf(draft, grant.held);
  const change = (changes: Partial<Draft>): void => setDraft((before) => ({ ...before, ...changes }));
  const body = newKeyOf(draft, chosen, openedAt);
  // A second attempt with the same values must not make a second key.
  const text = JSON.stringify(body);
  // biome-ignore lint/correctness/useExhaustiveDependencies: new values are a new attempt
  const idempotencyKey = useMemo(() => crypto.randomUUID(), [text]);
  const create = useMutation({
    // The secret goes straight to the dialog: a result would be kept in the cache of mutations.
    async mutationFn() {
      const { apiKey, key } = await latchkey.keys.create(body, { idempotencyKey });
      await queryClient.invalidateQueries({ queryKey: KEYS });
      if (key === undefined) throw new Error('The secret of this key was shown before');
      onCreated({ id: apiKey.id, name: apiKey.name, secret: key });
    },
  });
  return {
    draft,
    change,
    /** The choice stays: what the new owner does not hold is reported, and can be undone. */
    changeOwner(ownerId: string) {
      setBeforeOwner({ ownerId: draft.ownerId, chosen });
      change({ ownerId });
    },
    undoOwner() {
      if (beforeOwner) change({ ownerId: beforeOwner.ownerId });
      setBeforeOwner(null);
    },
    removedByOwner: removedBy(beforeOwner, grant),
    step,
    setStep,
    openedAt,
    linked,
    grant,
    chosen,
    resources: resourcesOf(catalogue),
    create,
    problem: problemOf(draft, openedAt),
  };
}

/** The owner before the last change of it, and what was chosen then. */
interface BeforeOwner {
  readonly ownerId: string;
  readonly chosen: ReadonlySet<Permission>;
}

/** The chosen permissions that cannot be given to the new owner. */
function removedBy(before: BeforeOwner | null, { isLoaded, held }: Grant): readonly Permission[] {
  return before && isLoaded ? [...before.chosen].filter((permission) => !held.has(permission)) : [];
}

/** What prevents the next step; null: nothing. */
function problemOf(draft: Draft, openedAt: number): string | null {
  if (draft.name.trim() === '') return 'The key needs a name.';
  const at = expiresAt(draft.expiry, openedAt);
  if (at !== null && at <= Date.now()) return 'The expiry must be in the future.';
  return limitProblem(draft.perMinute) ?? limitProblem(draft.perDay);
}
