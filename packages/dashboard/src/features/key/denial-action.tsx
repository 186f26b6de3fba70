import type { RefusalBody } from '@latchkey/contract';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useMe } from '../../data/queries.ts';
import classes from './key.module.css';
import { LimitsDialog } from './limits-dialog.tsx';
import type { VersionedKey } from './queries.ts';

interface DenialActionProps {
  readonly denial: RefusalBody;
  readonly apiKey: VersionedKey;
}

/** The one action that helps against a denial, if there is one. */
export function DenialAction({ denial, apiKey }: DenialActionProps) {
  const { may } = useMe();
  const [isOpen, setOpen] = useState(false);
  if (!may('api-keys:write')) return null;
  if (denial.code === 'RATE_LIMITED')
    return (
      <>
        <button type="button" className={classes.link} onClick={() => setOpen(true)}>
          Change the limit
        </button>
        {isOpen && <LimitsDialog apiKey={apiKey} onClose={() => setOpen(false)} />}
      </>
    );
  const wanted = denial.code === 'PERMISSION_DENIED' ? denial.missing : [];
  const search = {
    name: apiKey.name,
    owner: apiKey.userId,
    permissions: [...apiKey.permissions, ...wanted].join(','),
  };
  const label = { PERMISSION_DENIED: 'Create a key with it', KEY_EXPIRED: 'Create a replacement' }[
    denial.code as string
  ];
  if (label === undefined) return null;
  return (
    <Link to="/keys/new" search={search} className={classes.link}>
      {label}
    </Link>
  );
}
