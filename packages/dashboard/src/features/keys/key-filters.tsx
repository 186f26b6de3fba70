import { ActionIcon } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { pastedKey } from '../../data/passing-secrets.ts';
import { catalogueQuery, useMe, useMembers } from '../../data/queries.ts';
import { type KeysSearch, keysSearch } from '../../data/search-parameters.ts';
import { FilterMenu } from '../../ui/filter-menu.tsx';
import { IconAdjustmentsHorizontal } from '../../ui/icons.ts';
import { SearchField, useTyped } from '../../ui/search-field.tsx';
import classes from './keys.module.css';

const STATUSES = [
  { value: 'active', label: 'Active' },
  { value: 'disabled', label: 'Disabled' },
  { value: 'expired', label: 'Expired' },
  { value: 'revoked', label: 'Revoked' },
];
const EXPIRIES = [7, 14, 30, 90].map((days) => ({ value: String(days), label: `Within ${days} days` }));
const UNUSED = [7, 30, 90, 180].map((days) => ({ value: String(days), label: `Not for ${days} days` }));

/** Changes the filters in the URL, and returns to the first page. */
function useChange(search: KeysSearch) {
  const navigate = useNavigate();
  return (changes: Partial<Record<keyof KeysSearch, string | undefined>>, replace = false) => {
    const { page: _, ...rest } = search;
    void navigate({ to: '/keys', search: keysSearch({ ...rest, ...changes }), replace });
  };
}

export function KeyFilters({ search }: { search: KeysSearch }) {
  const change = useChange(search);
  const { may } = useMe();
  const members = useMembers();
  const { data: catalogue = [] } = useQuery(catalogueQuery);
  const [isOpen, setOpen] = useState(false);
  const numbered = (value: number | undefined) => (value === undefined ? undefined : String(value));
  return (
    <div className={classes.filters} data-open={isOpen || undefined}>
      <KeySearch
        value={search.search ?? ''}
        onSearch={(text) => change({ search: text || undefined }, true)}
      />
      <ActionIcon
        className={classes.filterToggle}
        variant="default"
        size={44}
        aria-label="Filters"
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
      >
        <IconAdjustmentsHorizontal size={18} stroke={1.75} />
      </ActionIcon>
      <FilterMenu
        label="Status"
        options={STATUSES}
        value={search.status}
        onChange={(status) => change({ status })}
      />
      {may('api-keys:manage-others') && (
        <FilterMenu
          label="Owner"
          options={members.map(({ userId, displayName }) => ({ value: userId, label: displayName }))}
          value={search.owner}
          onChange={(owner) => change({ owner })}
        />
      )}
      <FilterMenu
        label="Permission"
        options={catalogue.map(({ id }) => ({ value: id, label: id }))}
        value={search.permission}
        onChange={(permission) => change({ permission })}
      />
      <FilterMenu
        label="Expiry"
        options={EXPIRIES}
        value={numbered(search.expires)}
        onChange={(expires) => change({ expires })}
      />
      <FilterMenu
        label="Last used"
        options={UNUSED}
        value={numbered(search.unused)}
        onChange={(unused) => change({ unused })}
      />
    </div>
  );
}

/** Sends what was typed after a pause. A whole key is never sent: it opens the search for a leaked key. */
function KeySearch({ value, onSearch }: { value: string; onSearch: (text: string) => void }) {
  const [text, setText] = useTyped(value, onSearch);
  const navigate = useNavigate();
  const type = (typed: string): void => {
    const isKey = pastedKey.take(typed);
    setText(isKey ? '' : typed);
    if (!isKey) return;
    void navigate({ to: '/keys/find', search: (before) => before });
  };
  return (
    <SearchField
      className={classes.search}
      label="Search keys"
      placeholder="Name, key id or last four characters"
      value={text}
      onChange={type}
    />
  );
}
