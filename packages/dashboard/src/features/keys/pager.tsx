import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { KeysSearch } from '../../data/search-parameters.ts';
import { count } from '../../ui/numbers.ts';
import classes from './keys.module.css';
import { PAGE_SIZE } from './use-key-list.ts';

interface PagerProps {
  readonly search: KeysSearch;
  readonly total: number;
  readonly isTextOnly?: boolean;
}

/** Which part of the list is shown, and the way to the pages beside it. */
export function Pager({ search, total, isTextOnly = false }: PagerProps) {
  const { page = 1 } = search;
  const first = (page - 1) * PAGE_SIZE + 1;
  const last = Math.min(page * PAGE_SIZE, total);
  if (total === 0) return null;
  const range = (
    <span className={classes.range}>
      {count(first)}–{count(last)} of {count(total)}
    </span>
  );
  if (isTextOnly) return range;
  if (total <= PAGE_SIZE) return null;
  return (
    <nav className={classes.pager} aria-label="Pages">
      {range}
      <PageLink search={search} page={page - 1} isEnabled={page > 1} label="Previous" />
      <PageLink search={search} page={page + 1} isEnabled={last < total} label="Next" />
    </nav>
  );
}

interface PageLinkProps {
  readonly search: KeysSearch;
  readonly page: number;
  readonly isEnabled: boolean;
  readonly label: string;
}

function PageLink({ search, page, isEnabled, label }: PageLinkProps) {
  const { page: _, ...rest } = search;
  if (!isEnabled) return <Button disabled>{label}</Button>;
  const target = page === 1 ? rest : { ...rest, page };
  return <Button renderRoot={(props) => <Link {...props} to="/keys" search={target} />}>{label}</Button>;
}
