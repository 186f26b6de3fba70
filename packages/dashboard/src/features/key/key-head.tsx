import type { ApiKeyBody } from '@latchkey/contract';
import { ActionIcon, Button, Menu } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { Link, useNavigate } from '@tanstack/react-router';
import { useMe } from '../../data/queries.ts';
import { useSetActive } from '../../data/set-active.tsx';
import {
  IconBan,
  IconChevronRight,
  IconDots,
  IconPlayerPause,
  IconPlayerPlay,
  IconRefresh,
} from '../../ui/icons.ts';
import { Notice, Problem } from '../../ui/notices.tsx';
import { Name } from '../../ui/person.tsx';
import { useShortcut } from '../../ui/shortcuts.ts';
import { Status } from '../../ui/status.tsx';
import { dateTimeText } from '../../ui/time.ts';
import { Ago, Time } from '../../ui/time-text.tsx';
import classes from './key.module.css';
import { KeyName } from './key-name.tsx';
import type { VersionedKey } from './queries.ts';

const icon = { size: 16, stroke: 1.75, 'aria-hidden': true } as const;
const PHONE = '(max-width: 699px)';

/** The name, which can be changed in place, the status, and the actions. */
export function KeyHead({ apiKey }: { apiKey: VersionedKey }) {
  const isPhone = useMediaQuery(PHONE, false, { getInitialValueInEffect: false });
  const setActive = useSetActive();
  const isRevoked = apiKey.status === 'revoked';
  return (
    <header className={classes.head}>
      <nav aria-label="Place" className={classes.crumbs}>
        <Link to="/keys">Keys</Link>
        <IconChevronRight size={14} stroke={1.75} aria-hidden />
        <Name text={apiKey.name} />
      </nav>
      <div className={classes.titleLine}>
        <KeyName apiKey={apiKey} />
        <Status status={apiKey.status} isBadge />
        <span className={classes.grow} />
        {!isRevoked && <Actions apiKey={apiKey} isPhone={isPhone} setActive={setActive} />}
      </div>
      <p className={classes.under}>
        <code>{apiKey.key}</code> · last used <Ago at={apiKey.lastUsedAt} isLong />
      </p>
      {setActive.error && <Problem error={setActive.error} />}
    </header>
  );
}

interface ActionsProps {
  readonly apiKey: VersionedKey;
  readonly isPhone: boolean;
  readonly setActive: ReturnType<typeof useSetActive>;
}

function Actions({ apiKey, isPhone, setActive }: ActionsProps) {
  const { may } = useMe();
  const { id, isActive } = apiKey;
  const params = { keyId: id };
  const toggleWord = isActive ? 'Disable' : 'Enable';
  const toggleIcon = isActive ? <IconPlayerPause {...icon} /> : <IconPlayerPlay {...icon} />;
  const toggle = (): void => setActive.mutate({ apiKey, isActive: !isActive });
  const navigate = useNavigate();
  useShortcut('r', () => void navigate({ to: '/keys/$keyId/rotate', params }), may('api-keys:write'));
  if (isPhone)
    return (
      <Menu>
        <Menu.Target>
          <ActionIcon variant="default" size={44} aria-label="Actions of this key">
            <IconDots size={18} stroke={1.75} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {may('api-keys:write') && (
            <>
              <Menu.Item
                leftSection={<IconRefresh {...icon} />}
                renderRoot={(props) => <Link {...props} to="/keys/$keyId/rotate" params={params} />}
              >
                Rotate
              </Menu.Item>
              <Menu.Item leftSection={toggleIcon} onClick={toggle}>
                {toggleWord}
              </Menu.Item>
            </>
          )}
          <Menu.Item
            color="red"
            leftSection={<IconBan {...icon} />}
            renderRoot={(props) => <Link {...props} to="/keys/$keyId/revoke" params={params} />}
          >
            Revoke
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
    );
  return (
    <div className={classes.actions}>
      {may('api-keys:write') && (
        <>
          <Button
            leftSection={<IconRefresh {...icon} />}
            renderRoot={(props) => <Link {...props} to="/keys/$keyId/rotate" params={params} />}
          >
            Rotate
          </Button>
          <Button leftSection={toggleIcon} loading={setActive.isPending} onClick={toggle}>
            {toggleWord}
          </Button>
        </>
      )}
      {may('api-keys:delete') && (
        <Button
          className={classes.revoke}
          leftSection={<IconBan {...icon} />}
          renderRoot={(props) => <Link {...props} to="/keys/$keyId/revoke" params={params} />}
        >
          Revoke
        </Button>
      )}
    </div>
  );
}

/** In place of the actions of a revoked key. Its history stays. */
export function RevokedBanner({ apiKey }: { apiKey: ApiKeyBody }) {
  const { revokedAt, revokedReason } = apiKey;
  return (
    <Notice tone="bad" icon={IconBan}>
      <b>This key was revoked</b>
      {revokedAt && (
        <>
          {' '}
          on <Time at={revokedAt}>{dateTimeText(Date.parse(revokedAt))}</Time>
        </>
      )}
      . {revokedReason && <bdi>Reason: {revokedReason}. </bdi>}It cannot be restored.
    </Notice>
  );
}
