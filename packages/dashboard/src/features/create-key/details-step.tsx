import { Button, Select, TextInput } from '@mantine/core';
import { useMe, useMembers } from '../../data/queries.ts';
import { plural } from '../../ui/numbers.ts';
import classes from './create.module.css';
import type { CreateFormState } from './create-dialog.tsx';
import { limitProblem } from './draft.ts';
import { ExpiryField } from './expiry-field.tsx';

const NAME_MAX = 100;

interface DetailsStepProps {
  readonly form: CreateFormState;
  readonly onEnter: () => void;
}

/** The name, owner, expiry and limits of the new key. */
export function DetailsStep({ form, onEnter }: DetailsStepProps) {
  const { draft, change, linked } = form;
  return (
    <form
      className={classes.details}
      onSubmit={(event) => {
        event.preventDefault();
        onEnter();
      }}
    >
      {linked.isFromLink && (
        <p className={classes.fromLink}>
          These values come from a link. Check them.
          {linked.ignored.length > 0 && ` Unknown, and left out: ${linked.ignored.join(', ')}.`}
        </p>
      )}
      <div>
        <TextInput
          label="Name"
          data-autofocus
          autoComplete="off"
          maxLength={NAME_MAX}
          value={draft.name}
          onChange={(event) => change({ name: event.currentTarget.value })}
        />
        <p className={classes.help}>Name the program that will use it. You can rename it later.</p>
      </div>
      <OwnerField form={form} />
      <ExpiryField expiry={draft.expiry} openedAt={form.openedAt} onChange={(expiry) => change({ expiry })} />
      <div>
        <h3 className={classes.label}>Limits</h3>
        <div className={classes.limits}>
          <LimitField
            label="Requests a minute"
            unit="a minute"
            value={draft.perMinute}
            onChange={(perMinute) => change({ perMinute })}
          />
          <LimitField
            label="Requests a day"
            unit="a day (UTC)"
            value={draft.perDay}
            onChange={(perDay) => change({ perDay })}
          />
        </div>
        <p className={classes.help}>A minute is any 60 seconds. Leave a field empty for no limit.</p>
      </div>
      {/* Enter in a field submits only a form that has a button. */}
      <button type="submit" hidden />
    </form>
  );
}

function OwnerField({ form }: { form: CreateFormState }) {
  const { draft, changeOwner, grant } = form;
  const me = useMe();
  const members = useMembers().filter(({ status }) => status === 'active');
  const owner = members.find(({ userId }) => userId === draft.ownerId);
  const mayChoose = me.may('api-keys:manage-others') && members.length > 1;
  return (
    <div>
      <Select
        label="Owner"
        disabled={!mayChoose}
        searchable
        allowDeselect={false}
        value={draft.ownerId}
        data={
          members.length > 0
            ? members.map(({ userId, displayName }) => ({ value: userId, label: displayName }))
            : [{ value: me.userId, label: 'You' }]
        }
        onChange={(ownerId) => ownerId !== null && changeOwner(ownerId)}
      />
      <p className={classes.help}>
        {owner && `${owner.roleName}. `}You can give {plural(grant.held.size, 'permission')}. The key stops
        working when its owner is suspended, and is revoked when its owner leaves.
      </p>
      {form.removedByOwner.length > 0 && <Removed form={form} name={owner?.displayName ?? 'The owner'} />}
    </div>
  );
}

/** Which of the chosen permissions the new owner does not hold. */
function Removed({ form, name }: { form: CreateFormState; name: string }) {
  const { removedByOwner: removed, undoOwner } = form;
  return (
    <p className={classes.removed} role="status">
      <span>
        {plural(removed.length, 'permission was', 'permissions were')} removed: <bdi>{name}</bdi> does not
        hold {removed.length === 1 ? 'it' : 'them'}.
      </span>
      <Button size="compact-sm" onClick={undoOwner}>
        Undo
      </Button>
    </p>
  );
}

interface LimitFieldProps {
  readonly label: string;
  readonly unit: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
}

function LimitField({ label, unit, value, onChange }: LimitFieldProps) {
  return (
    <TextInput
      aria-label={label}
      inputMode="numeric"
      autoComplete="off"
      placeholder="No limit"
      rightSection={<span className={classes.unit}>{unit}</span>}
      rightSectionWidth={92}
      error={limitProblem(value)}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value.trim())}
    />
  );
}
