import { Link, type LinkProps } from '@tanstack/react-router';
import classes from './ui.module.css';

interface TabsProps {
  readonly label: string;
  readonly tabs: readonly { readonly to: NonNullable<LinkProps['to']>; readonly label: string }[];
}

/** Screens beside each other, each with its own URL. */
export function Tabs({ tabs, label }: TabsProps) {
  return (
    <nav className={classes.tabs} aria-label={label}>
      {tabs.map(({ to, label: text }) => (
        <Link key={to} to={to} activeOptions={{ exact: true }} activeProps={{ 'aria-current': 'page' }}>
          {text}
        </Link>
      ))}
    </nav>
  );
}
