import type { ApiKeyBody } from '@latchkey/contract';
import { Checkbox } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { type KeyboardEvent, type MouseEvent, useMemo, useRef } from 'react';
import { exceedingOf, resourcesOf } from '../../data/permissions.ts';
import { catalogueQuery, useMembers, useRoles } from '../../data/queries.ts';
import { type KeySort, type KeysSearch, ORDER_DEFAULT, SORT_DEFAULT } from '../../data/search-parameters.ts';
import { IconArrowDown, IconArrowUp } from '../../ui/icons.ts';
import { Name } from '../../ui/person.tsx';
import { singleKeys, useShortcut } from '../../ui/shortcuts.ts';
import { Status } from '../../ui/status.tsx';
import { useNow } from '../../ui/time.ts';
import { Ago } from '../../ui/time-text.tsx';
import { COLUMNS, daysLeft, Expires, type KeyRow } from './columns.tsx';
import { KeyMenu } from './key-menu.tsx';
import classes from './keys.module.css';
import type { Selection } from './use-selection.ts';

interface KeyTableProps {
  readonly keys: readonly ApiKeyBody[];
  readonly search: KeysSearch;
  readonly selection: Selection;
}

const PHONE = '(max-width: 699px)';

/** The keys of one page: a table or, on a phone, a list. */
export function KeyTable({ keys, search, selection }: KeyTableProps) {
  const isPhone = useMediaQuery(PHONE, false, { getInitialValueInEffect: false });
  const rows = useRows(keys);
  const body = useRef<HTMLTableSectionElement>(null);
  useShortcut('j', () => body.current?.querySelector('a')?.focus());
  if (isPhone) return <KeyList rows={rows} />;
  return (
    <table className={classes.table}>
      <thead>
        <tr>
          <th className={classes.select}>
            <SelectPage keys={keys} selection={selection} />
          </th>
          {COLUMNS.map(({ id, title, sort }) => (
            <th key={id} className={classes[id]} aria-sort={sort && ariaSort(sort, search)}>
              {sort ? <SortLink sort={sort} title={title} search={search} /> : title}
            </th>
          ))}
          <th className={classes.menu}>
            <span className={classes.hidden}>Actions</span>
          </th>
        </tr>
      </thead>
      <tbody ref={body}>
        {rows.map((row) => (
          <Row key={row.apiKey.id} row={row} selection={selection} />
        ))}
      </tbody>
    </table>
  );
}

function useRows(keys: readonly ApiKeyBody[]): readonly KeyRow[] {
  const { data: catalogue } = useQuery(catalogueQuery);
  const members = useMembers();
  const roles = useRoles();
  return useMemo(() => {
    const resources = resourcesOf(catalogue ?? []);
    return keys.map((apiKey) => ({
      apiKey,
      resources,
      exceeding: exceedingOf(apiKey, members, roles).length,
    }));
  }, [keys, catalogue, members, roles]);
}

function Row({ row, selection }: { row: KeyRow; selection: Selection }) {
  const navigate = useNavigate();
  const { apiKey: key } = row;
  const isSelected = selection.keys.has(key.id);
  const open = ({ target }: MouseEvent): void => {
    if (target instanceof Element && target.closest('a, button, input, label')) return;
    void navigate({ to: '/keys/$keyId', params: { keyId: key.id } });
  };
  return (
    // The link in the row is for the keyboard: a click anywhere else does the same.
    <tr className={classes.row} data-selected={isSelected || undefined} onClick={open} onKeyDown={moveFocus}>
      <td className={classes.select}>
        <Checkbox
          size="xs"
          aria-label={`Select ${key.name}`}
          checked={isSelected}
          onChange={(event) => selection.set([key], event.currentTarget.checked)}
        />
      </td>
      {COLUMNS.map(({ id, cell }) => (
        <td key={id} className={classes[id]}>
          {id === 'key' ? (
            <Link to="/keys/$keyId" params={{ keyId: key.id }} className={classes.keyLink}>
              {cell(row)}
            </Link>
          ) : (
            cell(row)
          )}
        </td>
      ))}
      <td className={classes.menu}>
        <KeyMenu apiKey={key} />
      </td>
    </tr>
  );
}

/** The arrow keys, J and K move between rows; X selects. */
function moveFocus(event: KeyboardEvent<HTMLTableRowElement>): void {
  const row = event.currentTarget;
  const steps: Readonly<Record<string, Element | null>> = {
    ArrowDown: row.nextElementSibling,
    j: row.nextElementSibling,
    ArrowUp: row.previousElementSibling,
    k: row.previousElementSibling,
  };
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key.length === 1 && !singleKeys.areOn()) return;
  if (event.key === 'x') row.querySelector<HTMLInputElement>('input[type="checkbox"]')?.click();
  const target = steps[event.key];
  if (!target) return;
  event.preventDefault();
  target.querySelector('a')?.focus();
}

function SelectPage({ keys, selection }: { keys: readonly ApiKeyBody[]; selection: Selection }) {
  const selected = keys.filter(({ id }) => selection.keys.has(id)).length;
  return (
    <Checkbox
      size="xs"
      aria-label="Select all keys of this page"
      checked={selected === keys.length}
      indeterminate={selected > 0 && selected < keys.length}
      onChange={(event) => selection.set(keys, event.currentTarget.checked)}
    />
  );
}

function orderOf(sort: KeySort, search: KeysSearch): 'asc' | 'desc' | null {
  if ((search.sort ?? SORT_DEFAULT) !== sort) return null;
  return search.order ?? ORDER_DEFAULT[sort];
}

function ariaSort(sort: KeySort, search: KeysSearch): 'ascending' | 'descending' | 'none' {
  const order = orderOf(sort, search);
  if (order === null) return 'none';
  return order === 'asc' ? 'ascending' : 'descending';
}

interface SortLinkProps {
  readonly sort: KeySort;
  readonly title: string;
  readonly search: KeysSearch;
}

function SortLink({ sort, title, search }: SortLinkProps) {
  const { page: _, ...rest } = search;
  const order = orderOf(sort, search);
  const reversed = order === 'asc' ? 'desc' : 'asc';
  const next = order === null ? ORDER_DEFAULT[sort] : reversed;
  const Arrow = order === 'asc' ? IconArrowUp : IconArrowDown;
  return (
    <Link
      to="/keys"
      search={{ ...rest, sort, order: next }}
      className={classes.sort}
      data-active={order !== null}
    >
      {title}
      {order !== null && <Arrow size={13} stroke={2} aria-hidden />}
    </Link>
  );
}

/** In words, since a list has no titles of columns. */
function LastUse({ at }: { at: string | null }) {
  if (at === null) return 'Never used';
  return (
    <>
      Used <Ago at={at} isLong />
    </>
  );
}

function KeyList({ rows }: { rows: readonly KeyRow[] }) {
  const now = useNow();
  return (
    <ul className={classes.list}>
      {rows.map(({ apiKey: key }) => (
        <li key={key.id}>
          <Link to="/keys/$keyId" params={{ keyId: key.id }}>
            <span className={classes.listLine}>
              <b>
                <Name text={key.name} />
              </b>
              <Status status={key.status} />
            </span>
            <span className={classes.listLine}>
              <span className={classes.listOwner}>
                <code>…{key.key.slice(-4)}</code> <Name text={key.creator.displayName} />
              </span>
              <span className={classes.listTime}>
                {daysLeft(key.expiresAt, now) === null ? (
                  <LastUse at={key.lastUsedAt} />
                ) : (
                  <>
                    Expires <Expires at={key.expiresAt} />
                  </>
                )}
              </span>
            </span>
          </Link>
        </li>
      ))}
    </ul>
  );
}
