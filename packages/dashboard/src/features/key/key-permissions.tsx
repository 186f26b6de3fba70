import type { ApiKeyBody } from '@latchkey/contract';
import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { actionText, resourcesOf } from '../../data/permissions.ts';
import { catalogueQuery, useMembers, useWorkspace } from '../../data/queries.ts';
import { IconAlertTriangle } from '../../ui/icons.ts';
import { Notice } from '../../ui/notices.tsx';
import { plural } from '../../ui/numbers.ts';
import classes from './key.module.css';
import { provenanceQuery } from './queries.ts';

const SHOWN = 5;

/** The frozen set by resource, and what of it the owner does not hold now. */
export function KeyPermissions({ apiKey }: { apiKey: ApiKeyBody }) {
  const [isAll, setAll] = useState(false);
  const { data: catalogue = [] } = useQuery(catalogueQuery);
  const { data: provenance } = useQuery(provenanceQuery(apiKey.id));
  const held = new Set(apiKey.permissions);
  const exceeding = new Set(provenance?.exceeding);
  const groups = resourcesOf(catalogue)
    .map(({ id, title, entries }) => ({ id, title, entries: entries.filter((entry) => held.has(entry.id)) }))
    .filter(({ entries }) => entries.length > 0);
  const shown = isAll ? groups : groups.slice(0, SHOWN);
  return (
    <section className={classes.section}>
      <h2>
        Permissions{' '}
        <small>
          {apiKey.permissions.length} of {catalogue.length}, fixed at creation
        </small>
      </h2>
      {exceeding.size > 0 && <Exceeding apiKey={apiKey} size={exceeding.size} />}
      {groups.length === 0 && <p className={classes.muted}>This key holds no permission.</p>}
      <dl className={classes.facts}>
        {shown.map(({ id, title, entries }) => (
          <div key={id}>
            <dt>{title}</dt>
            <dd>
              {entries.map((entry, index) => (
                <span key={entry.id}>
                  {index > 0 && ', '}
                  {exceeding.has(entry.id) ? (
                    <span className={classes.warn}>
                      <IconAlertTriangle
                        size={14}
                        stroke={1.75}
                        role="img"
                        aria-label="Not held by the owner:"
                      />{' '}
                      {actionText(entry.action)}
                    </span>
                  ) : (
                    actionText(entry.action)
                  )}
                </span>
              ))}
            </dd>
          </div>
        ))}
      </dl>
      {groups.length > SHOWN && !isAll && (
        <Button className={classes.more} variant="subtle" size="compact-sm" onClick={() => setAll(true)}>
          Show all {plural(groups.length, 'resource')}
        </Button>
      )}
    </section>
  );
}

function Exceeding({ apiKey, size }: { apiKey: ApiKeyBody; size: number }) {
  const isCapped = useWorkspace()?.permissionMode === 'capped';
  const owner = useMembers().find(({ userId }) => userId === apiKey.userId);
  const role = owner
    ? `${owner.displayName.split(/\s+/u)[0]}’s role, ${owner.roleName},`
    : 'The role of its owner';
  return (
    <Notice tone="warn" icon={IconAlertTriangle}>
      <b>
        {isCapped
          ? `${plural(size, 'permission does', 'permissions do')} not work.`
          : `${plural(size, 'permission exceeds', 'permissions exceed')} what its owner holds.`}
      </b>{' '}
      <bdi>{role}</bdi> does not have {size === 1 ? 'it' : 'them'} now. {!isCapped && 'The key keeps them.'}
    </Notice>
  );
}
