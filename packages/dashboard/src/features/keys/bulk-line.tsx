import type { ApiKeyBody } from '@latchkey/contract';
import { Button } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { latchkey } from '../../data/client.ts';
import { useMe } from '../../data/queries.ts';
import type { KeysSearch } from '../../data/search-parameters.ts';
import { count } from '../../ui/numbers.ts';
import { BulkDialog, type BulkVerb } from './bulk-dialog.tsx';
import classes from './keys.module.css';
import { listQueryOf } from './use-key-list.ts';
import type { Selection } from './use-selection.ts';

interface BulkLineProps {
  readonly selection: Selection;
  readonly search: KeysSearch;
  readonly total: number;
  readonly page: readonly ApiKeyBody[];
}

/** In place of the attention line, at the same height, while keys are selected. */
export function BulkLine({ selection, search, total, page }: BulkLineProps) {
  const { may } = useMe();
  const [verb, setVerb] = useState<BulkVerb | null>(null);
  const size = selection.keys.size;
  const isPageSelected = page.length > 0 && page.every(({ id }) => selection.keys.has(id));
  return (
    <div className={classes.line}>
      <b className={classes.selected} aria-live="polite">
        {count(size)} selected
      </b>
      <div className={classes.chips}>
        {may('api-keys:write') && (
          <Button className={classes.chip} onClick={() => setVerb('disable')}>
            Disable
          </Button>
        )}
        {may('api-keys:delete') && (
          <Button className={classes.chip} c="var(--bad)" onClick={() => setVerb('revoke')}>
            Revoke
          </Button>
        )}
        <Button className={classes.chip} variant="subtle" onClick={() => selection.replace([])}>
          Clear
        </Button>
        {isPageSelected && total > size && <SelectAll search={search} total={total} selection={selection} />}
      </div>
      {verb && <BulkDialog verb={verb} selection={selection} onClose={() => setVerb(null)} />}
    </div>
  );
}

function SelectAll({
  search,
  total,
  selection,
}: {
  search: KeysSearch;
  total: number;
  selection: Selection;
}) {
  const load = useMutation({
    async mutationFn() {
      const { page: _, ...filters } = search;
      const all: ApiKeyBody[] = [];
      for await (const key of latchkey.keys.listAll(listQueryOf(filters))) all.push(key);
      return all;
    },
    onSuccess: (all) => selection.replace(all),
  });
  return (
    <Button className={classes.chip} variant="subtle" loading={load.isPending} onClick={() => load.mutate()}>
      Select all {count(total)} that match
    </Button>
  );
}
