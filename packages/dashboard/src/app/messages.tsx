import { Link, useRouter } from '@tanstack/react-router';
import { Problem } from '../ui/notices.tsx';
import { Page } from '../ui/page.tsx';
import classes from './message.module.css';

/** Shown in place of a screen that could not be loaded. */
export function LoadFailed({ error }: { error: unknown }) {
  const router = useRouter();
  return (
    <main className={classes.message}>
      <h1>This page could not be loaded</h1>
      <Problem error={error} onRetry={() => void router.invalidate()} />
    </main>
  );
}

/** Shown in the shell for a path without a screen. */
export function NotFound() {
  return (
    <Page title="There is no such page">
      <p>Check the address, or go to the list of keys.</p>
      <Link to="/keys">Show the keys</Link>
    </Page>
  );
}
