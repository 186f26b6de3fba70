import { AUDIT_EVENTS, type LogEntryBody } from '@latchkey/contract';
import { Button } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { latchkey } from '../../data/client.ts';
import { useMe, useMembers } from '../../data/queries.ts';
import { type AuditSearch, auditSearch } from '../../data/search-parameters.ts';
import { FilterMenu } from '../../ui/filter-menu.tsx';
import { Skeleton } from '../../ui/loading.tsx';
import { Problem } from '../../ui/notices.tsx';
import { plural } from '../../ui/numbers.ts';
import { Page } from '../../ui/page.tsx';
import { SearchField, useTyped } from '../../ui/search-field.tsx';
import { DAY_MS, dayText, useNow, ZONE_NAME } from '../../ui/time.ts';
import classes from './audit.module.css';
import { AuditEntry } from './audit-entry.tsx';
import { ExportButton } from './export-button.tsx';

const PERIODS = [
  { value: '1', label: 'The last 24 hours' },
  { value: '7', label: 'The last 7 days' },
  { value: '30', label: 'The last 30 days' },
];
const EVENTS = Object.entries(AUDIT_EVENTS).map(([value, label]) => ({ value, label }));
/** A time in a query is of the whole minute, so that the same filter is the same query for a while. */
const MINUTE_MS = 60_000;

/** Who changed this, when, from what to what? */
export function AuditPage() {
  const search = auditSearch({ ...useSearch({ from: '/shell/audit' }) });
  const { may } = useMe();
  const log = useLog(search, may('workspace:logs-read'));
  const entries = log.data?.pages.flatMap(({ logs }) => logs) ?? [];
  const total = log.data?.pages[0]?.pagination.total ?? 0;
  if (!may('workspace:logs-read'))
    return (
      <Page title="Audit log">
        <p>
          You cannot open this page. Your role does not have <code>workspace:logs-read</code>. Ask an owner or
          admin.
        </p>
      </Page>
    );
  return (
    <Page title="Audit log" actions={<ExportButton />}>
      <Filters search={search} note={`${plural(total, 'entry', 'entries')}, times in ${ZONE_NAME}`} />
      {log.error && <Problem error={log.error} onRetry={() => void log.refetch()} />}
      {log.isPending && <Skeleton rows={12} height={42} />}
      {log.isSuccess && entries.length === 0 && (
        <p className={classes.none}>No entry matches these filters.</p>
      )}
      <Days entries={entries} />
      {log.hasNextPage && (
        <Button
          className={classes.more}
          loading={log.isFetchingNextPage}
          onClick={() => void log.fetchNextPage()}
        >
          Show earlier entries
        </Button>
      )}
    </Page>
  );
}

function useLog({ event, actor, target, days, search }: AuditSearch, enabled: boolean) {
  const from = days && new Date(Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS - days * DAY_MS).toISOString();
  const query = {
    ...(event && { eventType: [event] }),
    ...(actor && { actorId: actor }),
    ...(target && { targetId: target }),
    ...(from && { from }),
    ...(search && { search }),
  };
  return useInfiniteQuery({
    queryKey: ['audit', query],
    enabled,
    initialPageParam: '',
    queryFn: ({ pageParam }) =>
      latchkey.auditLog.list({ ...query, ...(pageParam !== '' && { cursor: pageParam }) }),
    getNextPageParam: ({ pagination }) => pagination.nextCursor,
  });
}

function Filters({ search, note }: { search: AuditSearch; note: string }) {
  const navigate = useNavigate();
  const members = useMembers();
  const change = (changes: Record<string, string | undefined>, replace = false): void =>
    void navigate({ to: '/audit', search: auditSearch({ ...search, ...changes }), replace });
  const [text, setText] = useTyped(search.search ?? '', (typed) =>
    change({ search: typed || undefined }, true),
  );
  return (
    <div className={classes.filters}>
      <SearchField
        className={classes.search}
        label="Search the audit log"
        placeholder="Name, id, address or request id"
        value={text}
        onChange={setText}
      />
      <FilterMenu
        label="Event"
        options={EVENTS}
        value={search.event}
        onChange={(event) => change({ event })}
      />
      <FilterMenu
        label="Actor"
        options={members.map(({ userId, displayName }) => ({ value: userId, label: displayName }))}
        value={search.actor}
        onChange={(actor) => change({ actor })}
      />
      <FilterMenu
        label="Period"
        options={PERIODS}
        value={search.days === undefined ? undefined : String(search.days)}
        onChange={(days) => change({ days })}
      />
      {search.target && (
        <FilterMenu
          label="Target"
          options={[{ value: search.target, label: search.target }]}
          value={search.target}
          onChange={(target) => change({ target })}
        />
      )}
      <span className={classes.note}>{note}</span>
    </div>
  );
}

function Days({ entries }: { entries: readonly LogEntryBody[] }) {
  const now = useNow();
  const days = Map.groupBy(entries, ({ createdAt }) => dayText(Date.parse(createdAt), now));
  return [...days].map(([day, group]) => (
    <section key={day} className={classes.day}>
      <h2>{day}</h2>
      <ul>
        {group.map((entry) => (
          <AuditEntry key={entry.id} entry={entry} />
        ))}
      </ul>
    </section>
  ));
}
