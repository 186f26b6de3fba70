import { useEffect, useState } from 'react';
import classes from './ui.module.css';

const HIDDEN_MS = 150;

/** Grey rows with the height of the rows to come. Nothing is shown for 150 ms, so that a quick answer does not flash. */
export function Skeleton({ rows, height }: { rows: number; height: number }) {
  const [isShown, setShown] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setShown(true), HIDDEN_MS);
    return () => clearTimeout(timer);
  }, []);
  return (
    <div role="status" aria-label="Loading" style={{ minHeight: rows * height }}>
      {isShown &&
        Array.from({ length: rows }, (_, row) => (
          // The rows are all the same.
          // biome-ignore lint/suspicious/noArrayIndexKey: see above
          <div key={row} className={classes.skeleton} style={{ height }}>
            <span style={{ width: `${30 + ((row * 17) % 40)}%` }} />
          </div>
        ))}
    </div>
  );
}
