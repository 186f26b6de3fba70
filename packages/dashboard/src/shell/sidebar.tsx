import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { latchkey } from '../data/client.ts';
import { KEYS, useMe, useMembers } from '../data/queries.ts';
import { IconSearch } from '../ui/icons.ts';
import { count } from '../ui/numbers.ts';
import { AccountMenu } from './account-menu.tsx';
import { ENTRIES, type Entry } from './navigation.ts';
import classes from './shell.module.css';
import { Keys } from './shortcut-help.tsx';
import { WorkspaceSwitcher } from './workspace-switcher.tsx';

interface SidebarProps {
  /** In the menu of a phone, the bar is the banner of the page. */
  readonly isBanner?: boolean;
  readonly onSearch: () => void;
  readonly onHelp: () => void;
}

export function Sidebar({ isBanner = true, onSearch, onHelp }: SidebarProps) {
  const Frame = isBanner ? 'header' : 'div';
  const { may } = useMe();
  const shown = ENTRIES.filter(({ needs }) => may(needs));
  return (
    <Frame className={classes.sidebar}>
      <WorkspaceSwitcher />
      <button type="button" className={classes.searchButton} onClick={onSearch}>
        <IconSearch size={16} stroke={1.75} aria-hidden />
        <span>Search</span>
        <span className={classes.keys} aria-hidden>
          <Keys shortcut="mod k" />
        </span>
      </button>
      <nav aria-label="Screens" className={classes.nav}>
        {shown
          .filter(({ isLast }) => !isLast)
          .map((entry) => (
            <NavLink key={entry.to} {...entry} />
          ))}
        <span className={classes.gap} />
        {shown
          .filter(({ isLast }) => isLast)
          .map((entry) => (
            <NavLink key={entry.to} {...entry} />
          ))}
      </nav>
      <AccountMenu onHelp={onHelp} />
    </Frame>
  );
}

function NavLink({ to, label, icon: Icon }: Entry) {
  return (
    <Link to={to} className={classes.link} activeProps={{ 'aria-current': 'page' }}>
      <Icon size={17} stroke={1.75} aria-hidden />
      <span>{label}</span>
      {to === '/keys' && <KeyCount />}
      {to === '/members' && <MemberCount />}
    </Link>
  );
}

function MemberCount() {
  const members = useMembers();
  return members.length > 0 ? <span className={classes.count}>{count(members.length)}</span> : null;
}

/** How many keys are not revoked. */
function KeyCount() {
  const { data } = useQuery({
    queryKey: [...KEYS, 'count'],
    queryFn: async () => (await latchkey.keys.list({ limit: 1 })).pagination.total,
  });
  return data ? <span className={classes.count}>{count(data)}</span> : null;
}
