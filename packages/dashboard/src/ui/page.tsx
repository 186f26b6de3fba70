import { Link, type LinkProps } from '@tanstack/react-router';
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

interface TabsProps {
  readonly label: string;
  readonly tabs: readonly { readonly to: NonNullable<LinkProps['to']>; readonly label: string }[];
}

/** Screens beside each other, each with its own URL. A dialog over a screen leaves its tab marked. */
export function Tabs({ tabs, label }: TabsProps) {
  const isAboveAnother = (path: string) => tabs.some(({ to }) => to.startsWith(`${path}/`));
  return (
    <nav className={classes.tabs} aria-label={label}>
      {tabs.map(({ to, label: text }) => (
        <Link
          key={to}
          to={to}
          activeOptions={{ exact: isAboveAnother(to) }}
          activeProps={{ 'aria-current': 'page' }}
        >
          {text}
        </Link>
      ))}
    </nav>
  );
}
