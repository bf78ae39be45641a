import { Divider, NavLink } from '@mantine/core';
import {
  ActivityLogIcon,
  CodeIcon,
  GearIcon,
  LayersIcon,
  LockClosedIcon,
  PaperPlaneIcon,
  PersonIcon,
  StopIcon,
} from '@radix-ui/react-icons';
import type { ReactNode } from 'react';
import { Link, useLocation } from 'react-router-dom';
import { mayAdminister } from '../session/session';
import { useSession } from '../session/useSession';

interface Place {
  to: string;
  label: string;
  icon: ReactNode;
}

const places: Place[] = [
  { to: '/', label: 'Campaigns', icon: <PaperPlaneIcon /> },
  { to: '/stops', label: 'Stops', icon: <StopIcon /> },
];
const forEverybody: Place = { to: '/settings', label: 'Settings', icon: <GearIcon /> };
const settings: Place[] = [
  { to: '/users', label: 'Users', icon: <PersonIcon /> },
  { to: '/providers', label: 'Providers', icon: <LayersIcon /> },
  { to: '/passcodes', label: 'Passcodes', icon: <LockClosedIcon /> },
  { to: '/webhooks', label: 'Webhooks', icon: <CodeIcon /> },
  { to: '/audit', label: 'Audit', icon: <ActivityLogIcon /> },
];

export function Nav({ onChosen }: { onChosen: () => void }) {
  const { pathname } = useLocation();
  const { role } = useSession();
  const here = (to: string) =>
    to === '/' ? pathname === '/' || /^\/(campaigns|new)/.test(pathname) : pathname.startsWith(to);
  const item = (p: Place) => (
    <NavLink
      key={p.to}
      component={Link}
      to={p.to}
      label={p.label}
      leftSection={p.icon}
      active={here(p.to)}
      aria-current={here(p.to) ? 'page' : undefined}
      onClick={onChosen}
    />
  );
  return (
    <>
      {places.map(item)}
      <Divider my="sm" label="Account" labelPosition="left" />
      {mayAdminister(role) && settings.map(item)}
      {item(forEverybody)}
    </>
  );
}
