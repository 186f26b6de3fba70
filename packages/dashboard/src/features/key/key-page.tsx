import { LatchkeyError } from '@latchkey/sdk';
import { useQuery } from '@tanstack/react-query';
import { Link, Outlet, useParams } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { useWorkspace } from '../../data/queries.ts';
import { Skeleton } from '../../ui/loading.tsx';
import { Problem } from '../../ui/notices.tsx';
import { useTitle } from '../../ui/page.tsx';
import classes from './key.module.css';
import { KeyDenials } from './key-denials.tsx';
import { KeyFacts } from './key-facts.tsx';
import { KeyHead, RevokedBanner } from './key-head.tsx';
import { KeyPermissions } from './key-permissions.tsx';
import { KeyProvenance } from './key-provenance.tsx';
import { KeyTest } from './key-test.tsx';
import { OldSecret } from './old-secret.tsx';
import { keyQuery } from './queries.ts';

/** The library of the chart is loaded when a key is looked at. */
const KeyUsage = lazy(() =>
  import('./key-usage.tsx').then(({ KeyUsage: component }) => ({ default: component })),
);
const CHART_HEIGHT = 320;

/** Does it work, is it used, and why was it denied? */
export function KeyPage() {
  const { keyId } = useParams({ from: '/shell/keys/$keyId' });
  const { data: key, error, refetch } = useQuery(keyQuery(keyId));
  useTitle(key?.name ?? 'Key');
  if (error && !key) return <KeyProblem error={error} onRetry={() => void refetch()} />;
  if (!key) return <Skeleton rows={8} height={56} />;
  return (
    <>
      <KeyHead apiKey={key} />
      <div className={classes.columns}>
        <div className={classes.main}>
          {key.status === 'revoked' ? <RevokedBanner apiKey={key} /> : <OldSecret apiKey={key} />}
          <Suspense fallback={<div style={{ height: CHART_HEIGHT }} />}>
            <KeyUsage apiKey={key} />
          </Suspense>
          <KeyDenials apiKey={key} />
          <KeyTest apiKey={key} />
        </div>
        <aside className={classes.side}>
          <KeyFacts apiKey={key} />
          <KeyPermissions apiKey={key} />
          <KeyProvenance apiKey={key} />
        </aside>
      </div>
      <Outlet />
    </>
  );
}

function KeyProblem({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  const workspace = useWorkspace();
  const isMissing = error instanceof LatchkeyError && error.status === 404;
  if (!isMissing) return <Problem error={error} onRetry={onRetry} />;
  return (
    <section className={classes.missing}>
      <h1>No such key</h1>
      <p>
        There is no key with this id in <bdi>{workspace?.name ?? 'this workspace'}</bdi>. It may belong to
        another workspace.
      </p>
      <Link to="/keys">Show the keys</Link>
    </section>
  );
}
