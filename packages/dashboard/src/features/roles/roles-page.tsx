import type { RoleBody } from '@latchkey/contract';
import { Checkbox, Select } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { resourcesOf } from '../../data/permissions.ts';
import { catalogueQuery, rolesQuery, useMe } from '../../data/queries.ts';
import { ReasonedButton } from '../../ui/buttons.tsx';
import { IconPlus } from '../../ui/icons.ts';
import { Skeleton } from '../../ui/loading.tsx';
import { Problem } from '../../ui/notices.tsx';
import { Page } from '../../ui/page.tsx';
import { SearchField } from '../../ui/search-field.tsx';
import { RoleMatrix } from './role-matrix.tsx';
import classes from './roles.module.css';

const PHONE = '(max-width: 699px)';

/** Who can do what? Resources by roles. */
export function RolesPage() {
  const me = useMe();
  const navigate = useNavigate();
  const roles = useQuery(rolesQuery(me.workspaceId));
  const catalogue = useQuery(catalogueQuery);
  const error = roles.error ?? catalogue.error;
  const create = (
    <ReasonedButton
      variant="filled"
      leftSection={<IconPlus size={16} stroke={1.75} aria-hidden />}
      reason={me.may('roles:write') ? null : 'Your role cannot create roles. It needs roles:write.'}
      onClick={() => void navigate({ to: '/roles/$roleId', params: { roleId: 'new' } })}
    >
      Create role
    </ReasonedButton>
  );
  return (
    <Page title="Roles" actions={create}>
      {error && <Problem error={error} onRetry={() => void roles.refetch()} />}
      {(!roles.data || !catalogue.data) && !error && <Skeleton rows={20} height={32} />}
      {roles.data && catalogue.data && <Matrix roles={roles.data} resources={resourcesOf(catalogue.data)} />}
    </Page>
  );
}

interface MatrixProps {
  readonly roles: readonly RoleBody[];
  readonly resources: ReturnType<typeof resourcesOf>;
}

function Matrix({ roles, resources }: MatrixProps) {
  const isPhone = useMediaQuery(PHONE, false, { getInitialValueInEffect: false });
  const [filter, setFilter] = useState('');
  const [isDifferingOnly, setDifferingOnly] = useState(false);
  const [shownRole, setShownRole] = useState(roles[0]?.id ?? '');
  const text = filter.trim().toLowerCase();
  const shown = resources.filter(
    ({ title, entries }) =>
      (title.toLowerCase().includes(text) || entries.some(({ id }) => id.includes(text))) &&
      (!isDifferingOnly || entries.some(({ id }) => differs(id, roles))),
  );
  return (
    <>
      <div className={classes.tools}>
        <SearchField
          className={classes.filter}
          label="Filter resources and permissions"
          placeholder="Filter resources and permissions"
          value={filter}
          onChange={setFilter}
        />
        {isPhone ? (
          <Select
            aria-label="Role"
            allowDeselect={false}
            value={shownRole}
            data={roles.map(({ id, name }) => ({ value: id, label: name }))}
            onChange={(id) => id !== null && setShownRole(id)}
          />
        ) : (
          <Checkbox
            size="xs"
            label="Only where roles differ"
            checked={isDifferingOnly}
            onChange={(event) => setDifferingOnly(event.currentTarget.checked)}
          />
        )}
      </div>
      <RoleMatrix roles={isPhone ? roles.filter(({ id }) => id === shownRole) : roles} resources={shown} />
      {shown.length === 0 && <p className={classes.none}>No permission matches.</p>}
    </>
  );
}

function differs(permission: string, roles: readonly RoleBody[]): boolean {
  const holders = roles.filter(({ permissions }) => permissions.includes(permission)).length;
  return holders > 0 && holders < roles.length;
}
