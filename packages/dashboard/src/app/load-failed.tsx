import { useRouter } from '@tanstack/react-router';
import { Problem } from '../ui/problem.tsx';
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
