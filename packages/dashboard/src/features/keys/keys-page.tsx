import { Button } from '@mantine/core';
import { Link, Outlet, useNavigate, useSearch } from '@tanstack/react-router';
import { useMe } from '../../data/queries.ts';
import { hasFilters, keysSearch } from '../../data/search-parameters.ts';
import { ReasonedButton } from '../../ui/buttons.tsx';
import { IconPlus, IconZoomQuestion } from '../../ui/icons.ts';
import { Skeleton } from '../../ui/loading.tsx';
import { Problem } from '../../ui/notices.tsx';
import { Page } from '../../ui/page.tsx';
import { AttentionLine } from './attention-line.tsx';
import { BulkLine } from './bulk-line.tsx';
import { EmptyKeys, NoMatch } from './empty-keys.tsx';
import { KeyFilters } from './key-filters.tsx';
import { KeyTable } from './key-table.tsx';
import classes from './keys.module.css';
import { Pager } from './pager.tsx';
import { useKeyList } from './use-key-list.ts';
import { useSelection } from './use-selection.ts';

const ROW_HEIGHT = 48;
const SKELETON_ROWS = 12;

/** Which keys exist, and which need attention? */
export function KeysPage() {
  // Again, since the router also passes on what the route did not accept, and `expires` of a link that fills the form.
  const search = keysSearch({ ...useSearch({ from: '/shell/keys' }) });
  const list = useKeyList(search);
  const selection = useSelection();
  const navigate = useNavigate();
  const isEmpty = list.data?.pagination.total === 0;
  const isFirst = isEmpty && !hasFilters(search);
  const total = list.data?.pagination.total ?? 0;
  return (
    <Page title="Keys" actions={isFirst ? null : <Actions />}>
      {isFirst ? (
        <EmptyKeys create={<CreateButton />} />
      ) : (
        <>
          <KeyFilters search={search} />
          {selection.keys.size > 0 ? (
            <BulkLine selection={selection} search={search} total={total} page={list.data?.apiKeys ?? []} />
          ) : (
            <AttentionLine search={search} range={<Pager search={search} total={total} isTextOnly />} />
          )}
          <div className={classes.progress} data-active={list.isFetching || undefined} />
          {list.error && <Problem error={list.error} onRetry={() => void list.refetch()} />}
          {list.isPending && <Skeleton rows={SKELETON_ROWS} height={ROW_HEIGHT} />}
          {list.data && !isEmpty && (
            <KeyTable keys={list.data.apiKeys} search={search} selection={selection} />
          )}
          {isEmpty && <NoMatch onClear={() => void navigate({ to: '/keys' })} />}
          <Pager search={search} total={total} />
        </>
      )}
      <Outlet />
    </Page>
  );
}

function Actions() {
  return (
    <>
      <Button
        className={classes.find}
        leftSection={<IconZoomQuestion size={16} stroke={1.75} aria-hidden />}
        renderRoot={(props) => <Link {...props} to="/keys/find" search={keep} />}
      >
        Find a leaked key
      </Button>
      <CreateButton />
    </>
  );
}

/** A dialog keeps the filters of the table. */
const keep = (search: object) => search;

function CreateButton() {
  const { may } = useMe();
  const navigate = useNavigate();
  return (
    <ReasonedButton
      variant="filled"
      leftSection={<IconPlus size={16} stroke={1.75} aria-hidden />}
      reason={may('api-keys:write') ? null : 'Your role cannot create keys. It needs api-keys:write.'}
      onClick={() => void navigate({ to: '/keys/new', search: keep })}
    >
      Create key
    </ReasonedButton>
  );
}
