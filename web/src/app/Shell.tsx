import { AppShell, Burger, Group, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import type { ReactNode } from 'react';
import { Link, useLocation } from 'react-router-dom';
import { useSession } from '../session/useSession';
import { LatchBanner } from '../stop/LatchBanner';
import { StopEverything } from '../stop/StopEverything';
import { StopSheetProvider } from '../stop/StopSheet';
import { Contained } from './Contained';
import { Logo } from './Logo';
import { Nav } from './Nav';
import { OfflineBanner } from './OfflineBanner';
import classes from './Shell.module.css';
import { UserMenu } from './UserMenu';

/** Around every page: the header with the brake, the navigation, and what must be seen everywhere. */
export function Shell({ children }: { children: ReactNode }) {
  const [open, { toggle, close }] = useDisclosure();
  const session = useSession();
  const { pathname } = useLocation();
  return (
    <StopSheetProvider>
      <a className="skip-link" href="#content">
        Skip to the content
      </a>
      <AppShell
        className="signed-in"
        header={{ height: 60 }}
        navbar={{ width: 208, breakpoint: 'sm', collapsed: { mobile: !open } }}
        padding={{ base: 'sm', sm: 'lg' }}
      >
        <AppShell.Header className={classes.header}>
          <Group gap="xs" wrap="nowrap" className={classes.left}>
            <Burger
              opened={open}
              onClick={toggle}
              hiddenFrom="sm"
              size="sm"
              aria-label="Navigation"
              aria-expanded={open}
            />
            <Link to="/" className={classes.home} aria-label="Belay: campaigns">
              <Logo />
            </Link>
            <Text size="sm" c="dimmed" visibleFrom="sm" className={classes.account} title={session.account}>
              {session.account}
            </Text>
          </Group>
          <Group gap="xs" wrap="nowrap">
            <StopEverything />
            <UserMenu />
          </Group>
        </AppShell.Header>
        <AppShell.Navbar p="xs" aria-label="Pages">
          <Nav onChosen={close} />
        </AppShell.Navbar>
        <AppShell.Main id="content" tabIndex={-1} className={classes.main}>
          <div className={classes.banners}>
            <OfflineBanner />
            <LatchBanner />
          </div>
          <Contained of={pathname}>{children}</Contained>
        </AppShell.Main>
      </AppShell>
    </StopSheetProvider>
  );
}
