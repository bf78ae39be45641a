import { ActionIcon, Menu, Text, useComputedColorScheme, useMantineColorScheme } from '@mantine/core';
import { AvatarIcon, ExitIcon, MoonIcon, SunIcon } from '@radix-ui/react-icons';
import { useSession, useSignOut } from '../session/useSession';

export function UserMenu() {
  const session = useSession();
  const signOut = useSignOut();
  const { setColorScheme } = useMantineColorScheme();
  const dark = useComputedColorScheme('light') === 'dark';
  return (
    <Menu position="bottom-end" width={260} withinPortal>
      <Menu.Target>
        <ActionIcon variant="default" size={36} aria-label={`Signed in as ${session.user}`}>
          <AvatarIcon width={20} height={20} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          <Text size="sm" className="breakable">
            {session.user} · {session.role}
          </Text>
          <Text size="xs" className="breakable">
            {session.account}
          </Text>
        </Menu.Label>
        <Menu.Item
          leftSection={dark ? <SunIcon /> : <MoonIcon />}
          onClick={() => setColorScheme(dark ? 'light' : 'dark')}
        >
          {dark ? 'Light' : 'Dark'} colours
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item leftSection={<ExitIcon />} onClick={() => signOut.mutate('here')}>
          Sign out
        </Menu.Item>
        <Menu.Item leftSection={<ExitIcon />} onClick={() => signOut.mutate('everywhere')}>
          Sign out everywhere
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
