import type { Permission } from '@latchkey/contract';
import { Button, Checkbox } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { actionText, type CatalogueEntry, type Resource } from '../data/permissions.ts';
import { plural } from '../ui/numbers.ts';
import { SearchField } from '../ui/search-field.tsx';
import { Toggle } from './permission-toggle.tsx';
import classes from './picker.module.css';

interface PermissionPickerProps {
  /** Shown before the filter. */
  readonly leading?: ReactNode;
  readonly resources: readonly Resource[];
  readonly chosen: ReadonlySet<Permission>;
  readonly onChange: (chosen: ReadonlySet<Permission>) => void;
  /** Why a permission cannot be chosen; null if it can. */
  readonly reasonFor: (permission: Permission) => string | null;
}

/** One row a resource, in catalogue order, with a toggle for each action. */
export function PermissionPicker({ leading, resources, chosen, onChange, reasonFor }: PermissionPickerProps) {
  const [filter, setFilter] = useState('');
  const [isChosenOnly, setChosenOnly] = useState(false);
  const matches = (entry: CatalogueEntry): boolean =>
    matchesFilter(entry, filter) && (!isChosenOnly || chosen.has(entry.id));
  const shown = resources
    .map((resource) => ({ ...resource, entries: resource.entries.filter(matches) }))
    .filter(({ entries }) => entries.length > 0);
  const set = (ids: readonly Permission[], isChosen: boolean): void => {
    const after = new Set(chosen);
    for (const id of ids) {
      if (!isChosen) after.delete(id);
      else if (reasonFor(id) === null) after.add(id);
    }
    onChange(after);
  };
  const found = shown.flatMap(({ entries }) => entries.map(({ id }) => id));
  const available = found.filter((id) => reasonFor(id) === null);
  const total = resources.reduce((sum, { entries }) => sum + entries.length, 0);
  return (
    <>
      <div className={classes.tools}>
        {leading}
        <SearchField
          className={classes.filter}
          label="Filter permissions"
          placeholder={`Filter ${total} permissions`}
          value={filter}
          onChange={setFilter}
        />
        <Checkbox
          size="xs"
          label="Selected only"
          checked={isChosenOnly}
          onChange={(event) => setChosenOnly(event.currentTarget.checked)}
        />
        {filter.trim() !== '' && (
          <>
            <Button size="compact-sm" disabled={available.length === 0} onClick={() => set(available, true)}>
              Select all {available.length} matching
            </Button>
            <Button size="compact-sm" variant="subtle" onClick={() => set(found, false)}>
              Clear matching
            </Button>
          </>
        )}
      </div>
      <ul className={classes.rows}>
        {shown.map((resource) => (
          <Row key={resource.id} resource={resource} chosen={chosen} set={set} reasonFor={reasonFor} />
        ))}
        {shown.length === 0 && <li className={classes.none}>No permission matches.</li>}
      </ul>
    </>
  );
}

function matchesFilter({ id, title, action }: CatalogueEntry, filter: string): boolean {
  const words = filter
    .toLowerCase()
    .split(/[\s,]+/)
    .filter(Boolean);
  const text = `${id} ${title} ${actionText(action)}`.toLowerCase();
  return words.every((word) => text.includes(word));
}

interface RowProps {
  readonly resource: Resource;
  readonly chosen: ReadonlySet<Permission>;
  readonly set: (ids: readonly Permission[], isChosen: boolean) => void;
  readonly reasonFor: (permission: Permission) => string | null;
}

/** More than this many unavailable actions fold into one. */
const FOLDED_FROM = 4;

function Row({ resource, chosen, set, reasonFor }: RowProps) {
  const [isUnfolded, setUnfolded] = useState(false);
  const { title, entries } = resource;
  const count = entries.filter(({ id }) => chosen.has(id)).length;
  const available = entries.filter(({ id }) => reasonFor(id) === null);
  const locked = entries.length - available.length;
  const isFolded = locked >= FOLDED_FROM && !isUnfolded;
  return (
    <li className={classes.row}>
      <Checkbox
        size="xs"
        className={classes.resource}
        label={
          <>
            {title} {count > 0 && <small>{`${count} of ${entries.length}`}</small>}
          </>
        }
        disabled={available.length === 0 && count === 0}
        checked={count > 0 && count === available.length}
        indeterminate={count > 0 && count < available.length}
        onChange={(event) =>
          set(
            available.map(({ id }) => id),
            event.currentTarget.checked,
          )
        }
      />
      <div className={classes.actions}>
        {entries.map(({ id, action }) => {
          const reason = reasonFor(id);
          if (isFolded && reason !== null && !chosen.has(id)) return null;
          return (
            <Toggle
              key={id}
              id={id}
              label={actionText(action)}
              isChosen={chosen.has(id)}
              reason={reason}
              onChange={(isChosen) => set([id], isChosen)}
            />
          );
        })}
        {isFolded && (
          <button type="button" className={classes.fold} onClick={() => setUnfolded(true)}>
            {plural(locked, 'not available', 'not available')}
          </button>
        )}
      </div>
    </li>
  );
}
