import type { ApiKeyBody } from '@latchkey/contract';
import { ActionIcon, Menu } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { Link } from '@tanstack/react-router';
import { useMe } from '../../data/queries.ts';
import { useSetActive } from '../../data/set-active.tsx';
import { copyText } from '../../ui/buttons.tsx';
import { IconBan, IconCopy, IconDots, IconPlayerPause, IconPlayerPlay, IconRefresh } from '../../ui/icons.ts';
import { problemText } from '../../ui/notices.tsx';

/** The table does not show the key id, so a person cannot select it instead. */
async function copyId(id: string): Promise<void> {
  if (await copyText(id)) notifications.show({ message: 'The key id is copied.' });
  else
    notifications.show({
      message: `The browser does not let this page copy. The key id is ${id}`,
      autoClose: false,
    });
}

const icon = { size: 16, stroke: 1.75, 'aria-hidden': true } as const;

/** The actions of one key of the table. */
export function KeyMenu({ apiKey }: { apiKey: ApiKeyBody }) {
  const { may } = useMe();
  const setActive = useSetActive();
  const { id, name, status, isActive } = apiKey;
  const isRevoked = status === 'revoked';
  const toggle = (): void =>
    setActive.mutate(
      { apiKey, isActive: !isActive },
      {
        onError: (error) =>
          notifications.show({ message: problemText(error), color: 'red', autoClose: false }),
      },
    );
  return (
    <Menu width={184}>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size={28} aria-label={`Actions of ${name}`}>
          <IconDots size={16} stroke={1.75} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<IconCopy {...icon} />} onClick={() => void copyId(id)}>
          Copy the key id
        </Menu.Item>
        {!isRevoked && may('api-keys:write') && (
          <>
            <Menu.Item
              leftSection={<IconRefresh {...icon} />}
              renderRoot={(props) => <Link {...props} to="/keys/$keyId/rotate" params={{ keyId: id }} />}
            >
              Rotate
            </Menu.Item>
            <Menu.Item
              leftSection={isActive ? <IconPlayerPause {...icon} /> : <IconPlayerPlay {...icon} />}
              onClick={toggle}
            >
              {isActive ? 'Disable' : 'Enable'}
            </Menu.Item>
          </>
        )}
        {!isRevoked && may('api-keys:delete') && (
          <Menu.Item
            color="red"
            leftSection={<IconBan {...icon} />}
            renderRoot={(props) => <Link {...props} to="/keys/$keyId/revoke" params={{ keyId: id }} />}
          >
            Revoke
          </Menu.Item>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
