import { Button, Center, Loader, MantineProvider, Stack, Text } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { lazy, Suspense, type ReactNode } from 'react';
import { BrowserRouter, Navigate, Route, Routes, useLocation } from 'react-router-dom';
import { ServerProvider } from '../api/Server';
import { CampaignsPage } from '../campaigns/CampaignsPage';
import { linkIn } from '../session/link';
import { LinkPage } from '../session/LinkPage';
import { SignInPage } from '../session/SignInPage';
import { useSessionQuery } from '../session/useSession';
import { Shell } from './Shell';
import { styleNonce } from './styleNonce';
import { theme } from './theme';

// What the first look does not need comes when it is asked for.
const CampaignPage = lazy(() => import('../campaign/CampaignPage'));
const StopsPage = lazy(() => import('../stop/StopsPage'));
const StopPage = lazy(() => import('../stop/StopPage'));
const CreatePage = lazy(() => import('../create/CreatePage'));
const UsersPage = lazy(() => import('../settings/UsersPage'));
const ProvidersPage = lazy(() => import('../settings/ProvidersPage'));
const PasscodesPage = lazy(() => import('../settings/PasscodesPage'));
const WebhooksPage = lazy(() => import('../settings/WebhooksPage'));
const AccountPage = lazy(() => import('../settings/AccountPage'));
const AuditPage = lazy(() => import('../settings/AuditPage'));

function SignedIn({ children }: { children: ReactNode }) {
  const session = useSessionQuery();
  const { pathname, hash } = useLocation();
  const link = pathname === '/sign-in' ? linkIn(hash) : undefined;
  if (link) return <LinkPage link={link} />;
  if (session.data) return <>{children}</>;
  if (session.data === null) return <SignInPage />;
  return (
    <Center mih="100dvh" p="md">
      {session.isError ? (
        <Stack align="center" role="alert">
          <Text>{session.error.message}. Trying again…</Text>
          <Button variant="default" onClick={() => void session.refetch()}>
            Try now
          </Button>
        </Stack>
      ) : (
        <Loader aria-label="Loading" />
      )}
    </Center>
  );
}

const wait = (
  <Center p="xl">
    <Loader aria-label="Loading" />
  </Center>
);

function Pages() {
  return (
    <Suspense fallback={wait}>
      <Routes>
        <Route index element={<CampaignsPage />} />
        <Route path="campaigns/:id" element={<CampaignPage />} />
        <Route path="new" element={<CreatePage />} />
        <Route path="stops" element={<StopsPage />} />
        <Route path="stops/:id" element={<StopPage />} />
        <Route path="users" element={<UsersPage />} />
        <Route path="providers" element={<ProvidersPage />} />
        <Route path="passcodes" element={<PasscodesPage />} />
        <Route path="webhooks" element={<WebhooksPage />} />
        <Route path="settings" element={<AccountPage />} />
        <Route path="audit" element={<AuditPage />} />
        <Route path="*" element={<Navigate to="/" replace />} />
      </Routes>
    </Suspense>
  );
}

export function App() {
  return (
    <MantineProvider theme={theme} defaultColorScheme="auto" getStyleNonce={styleNonce}>
      <Notifications position="bottom-left" containerWidth={360} />
      <ServerProvider>
        <BrowserRouter future={{ v7_startTransition: true, v7_relativeSplatPath: true }}>
          <SignedIn>
            <Shell>
              <Pages />
            </Shell>
          </SignedIn>
        </BrowserRouter>
      </ServerProvider>
    </MantineProvider>
  );
}
