import type { RoleBody } from '@latchkey/contract';
import { Link } from '@tanstack/react-router';
import { Fragment, useState } from 'react';
import { actionText, isRead, type Resource } from '../../data/permissions.ts';
import { IconCheck, IconChevronDown, IconChevronRight, IconLock, IconPencil } from '../../ui/icons.ts';
import { plural } from '../../ui/numbers.ts';
import { Name } from '../../ui/person.tsx';
import classes from './roles.module.css';

interface RoleMatrixProps {
  readonly roles: readonly RoleBody[];
  readonly resources: readonly Resource[];
}

/** A row a resource, which expands to its actions, and a column a role. */
export function RoleMatrix({ roles, resources }: RoleMatrixProps) {
  const [expanded, setExpanded] = useState<ReadonlySet<string>>(new Set());
  const toggle = (id: string): void => {
    const after = new Set(expanded);
    if (!after.delete(id)) after.add(id);
    setExpanded(after);
  };
  const sets = roles.map((role) => ({ role, held: new Set(role.permissions) }));
  return (
    <section className={classes.scroll} aria-label="Permissions of the roles">
      <table className={classes.matrix}>
        <thead>
          <tr>
            <th>
              <small>{plural(resources.length, 'resource')}</small>
            </th>
            {roles.map((role) => (
              <RoleHead key={role.id} role={role} />
            ))}
          </tr>
        </thead>
        <tbody>
          {resources.map((resource) => {
            const isOpen = expanded.has(resource.id);
            const Chevron = isOpen ? IconChevronDown : IconChevronRight;
            return (
              <Fragment key={resource.id}>
                <tr data-open={isOpen || undefined}>
                  <th scope="row">
                    <button type="button" aria-expanded={isOpen} onClick={() => toggle(resource.id)}>
                      <Chevron size={14} stroke={1.75} aria-hidden /> {resource.title}
                    </button>
                  </th>
                  {sets.map(({ role, held }) => (
                    <td key={role.id}>
                      <Cell resource={resource} held={held} />
                    </td>
                  ))}
                </tr>
                {isOpen &&
                  resource.entries.map(({ id, action }) => (
                    <tr key={id} data-open className={classes.action}>
                      <th scope="row">{actionText(action)}</th>
                      {sets.map(({ role, held }) => (
                        <td key={role.id}>
                          {held.has(id) ? (
                            <IconCheck size={15} stroke={2} role="img" aria-label="Yes" />
                          ) : (
                            <span>
                              – <i>No</i>
                            </span>
                          )}
                        </td>
                      ))}
                    </tr>
                  ))}
              </Fragment>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}

function RoleHead({ role }: { role: RoleBody }) {
  const { id, name, isSystem, permissions, memberCount } = role;
  return (
    <th scope="col" className={classes.head}>
      <span>
        {isSystem ? (
          <>
            <Name text={name} />{' '}
            <IconLock size={13} stroke={1.75} role="img" aria-label="System role, cannot be changed" />
          </>
        ) : (
          <Link to="/roles/$roleId" params={{ roleId: id }}>
            <Name text={name} /> <IconPencil size={13} stroke={1.75} role="img" aria-label="Edit" />
          </Link>
        )}
      </span>
      <small>{plural(permissions.length, 'permission')}</small>
      <small>{plural(memberCount, 'member')}</small>
    </th>
  );
}

/** A shape and a word: all, some, or none of the actions of a resource. */
function Cell({ resource, held }: { resource: Resource; held: ReadonlySet<string> }) {
  const { entries } = resource;
  const ids = entries.map(({ id }) => id).filter((id) => held.has(id));
  if (ids.length === 0) return <span className={classes.noneCell}>– None</span>;
  if (ids.length === entries.length)
    return (
      <span className={classes.cell} data-all>
        <i aria-hidden /> All {entries.length}
      </span>
    );
  const isReadOnly = ids.length === 1 && ids.every(isRead);
  return (
    <span className={classes.cell}>
      <i aria-hidden /> {isReadOnly ? 'Read' : `${ids.length} of ${entries.length}`}
    </span>
  );
}
