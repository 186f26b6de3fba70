import { type ReactNode, useEffect } from 'react';
import classes from './ui.module.css';

interface PageProps {
  readonly title: string;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}

/** A screen: its title with the main actions, and its content. */
export function Page({ title, actions, children }: PageProps) {
  useTitle(title);
  return (
    <>
      <header className={classes.pageHead}>
        <h1>{title}</h1>
        {actions && <div className={classes.actions}>{actions}</div>}
      </header>
      {children}
    </>
  );
}

/** Names the screen in the tab and the history of the browser. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · Latchkey`;
  }, [title]);
}
