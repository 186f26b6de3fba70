import type { ApiKeyBody, ExplanationBody } from '@latchkey/contract';
import { Button, TagsInput, TextInput } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { latchkey } from '../../data/client.ts';
import { catalogueQuery } from '../../data/queries.ts';
import { IconBan, IconCheck, IconCircleCheck } from '../../ui/icons.ts';
import { Problem } from '../../ui/notices.tsx';
import classes from './key.module.css';

const COST_MAX_DIGITS = 7;
const COST = new RegExp(`^\\d{1,${COST_MAX_DIGITS}}$`);

/** What would this key be answered now? Every step of the decision, with its finding. */
export function KeyTest({ apiKey }: { apiKey: ApiKeyBody }) {
  const [permissions, setPermissions] = useState<string[]>([]);
  const [cost, setCost] = useState('1');
  const { data: catalogue = [] } = useQuery(catalogueQuery);
  const test = useMutation({
    mutationFn: () => latchkey.keys.explain(apiKey.id, { permissions, cost: Number(cost) }),
  });
  const known = new Set(catalogue.map(({ id }) => id));
  return (
    <section className={classes.section} id="test">
      <h2>
        Test this key <small>uses no quota</small>
      </h2>
      <form
        className={classes.test}
        onSubmit={(event) => {
          event.preventDefault();
          test.mutate();
        }}
      >
        <TagsInput
          aria-label="Permissions that the request needs"
          placeholder={permissions.length === 0 ? 'Add a permission' : ''}
          classNames={{ input: classes.tags }}
          data={catalogue.map(({ id }) => id)}
          limit={20}
          value={permissions}
          onChange={(given) => setPermissions(given.filter((id) => known.has(id)))}
        />
        <TextInput
          aria-label="Cost"
          leftSection={<span className={classes.muted}>Cost</span>}
          leftSectionWidth={48}
          inputMode="numeric"
          value={cost}
          onChange={(event) => setCost(event.currentTarget.value.trim())}
        />
        <Button type="submit" disabled={!COST.test(cost)} loading={test.isPending}>
          Test
        </Button>
      </form>
      {test.error && <Problem error={test.error} />}
      {test.data && <Explanation explanation={test.data.explanation} />}
    </section>
  );
}

const STEPS: Readonly<Record<string, string>> = {
  exists: 'Exists',
  intact: 'Row intact',
  revoked: 'Not revoked',
  rotated: 'Secret current',
  workspace: 'Workspace active',
  owner: 'Owner active',
  disabled: 'Enabled',
  expired: 'Not expired',
  permission: 'Permissions',
  minute: 'Minute limit',
  day: 'Day limit',
};

function Explanation({ explanation }: { explanation: ExplanationBody }) {
  const { valid, code, missing, steps } = explanation;
  const deciding = steps.find((step) => step.code !== null);
  const verdict = valid
    ? 'Allowed'
    : `${code}: ${missing.length > 0 ? `it lacks ${missing.join(', ')}` : (deciding?.note ?? '')}`;
  return (
    <div className={classes.verdict} role="status">
      <p data-valid={valid}>
        {valid ? (
          <IconCircleCheck size={17} stroke={1.75} aria-hidden />
        ) : (
          <IconBan size={17} stroke={1.75} aria-hidden />
        )}
        {verdict}
      </p>
      <ul>
        {steps.map(({ step, passes, note }) => (
          <li key={step} data-passes={passes} title={note}>
            {passes ? (
              <IconCheck size={15} stroke={2} role="img" aria-label="Passes:" />
            ) : (
              <IconBan size={15} stroke={1.75} role="img" aria-label="Fails:" />
            )}
            <span>
              {STEPS[step] ?? step}
              {!passes && <small>{note}</small>}
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}
