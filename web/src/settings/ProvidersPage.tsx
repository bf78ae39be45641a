import { Button, Table, Text } from '@mantine/core';
import { useState } from 'react';
import type { Provider } from '../api/types';
import { mayAdminister } from '../session/session';
import { useSession } from '../session/useSession';
import { count } from '../words/numbers';
import { ProviderForm } from './ProviderForm';
import { RowActions } from './RowActions';
import { SettingsPage } from './SettingsPage';
import { TestProvider } from './TestProvider';
import { useChange, useThings } from './useThings';

export default function ProvidersPage() {
  const { account, role } = useSession();
  const path = `/api/v1/accounts/${encodeURIComponent(account)}/providers`;
  const list = useThings<{ providers: Provider[] }>('providers', path);
  const [edited, setEdited] = useState<Partial<Provider>>();
  const [tested, setTested] = useState<Provider>();
  const mayChange = mayAdminister(role);
  return (
    <>
      <SettingsPage
        title="Providers"
        says={
          <>
            Whom messages are handed to. Files of the server, as FCM’s service account, are named there: belay
            provider add.
          </>
        }
        add={mayChange && <Button onClick={() => setEdited({ kind: 'webhook' })}>Add a provider</Button>}
        error={list.error}
        rows={list.data?.providers}
        empty="No providers: nothing can be sent."
        heads={['Name', 'Kind', 'Where', 'At most', '']}
      >
        {list.data?.providers.map((p) => (
          <ProviderRow
            key={p.nick_name}
            provider={p}
            path={path}
            mayChange={mayChange}
            onEdit={() => setEdited(p)}
            onTest={() => setTested(p)}
          />
        ))}
      </SettingsPage>
      <ProviderForm path={path} edited={edited} onClose={() => setEdited(undefined)} />
      <TestProvider path={path} provider={tested} onClose={() => setTested(undefined)} />
    </>
  );
}

interface RowProps {
  provider: Provider;
  path: string;
  mayChange: boolean;
  onEdit: () => void;
  onTest: () => void;
}

function ProviderRow({ provider, path, mayChange, onEdit, onTest }: RowProps) {
  const remove = useChange('providers', (client, _: void) =>
    client.remove(`${path}/${encodeURIComponent(provider.nick_name)}`),
  );
  return (
    <Table.Tr>
      <Table.Td className="breakable" maw={220}>
        {provider.nick_name}
      </Table.Td>
      <Table.Td>{provider.kind}</Table.Td>
      <Table.Td className="breakable" maw={320}>
        <Text size="sm">{provider.url || 'the provider’s own address'}</Text>
      </Table.Td>
      <Table.Td>{provider.max_per_second ? `${count(provider.max_per_second)}/s` : 'as fast as it takes'}</Table.Td>
      <RowActions
        of={provider.nick_name}
        actions={
          mayChange
            ? [
                { label: 'Test', onClick: onTest },
                { label: 'Change', onClick: onEdit },
              ]
            : []
        }
        removal={mayChange ? { ...remove, says: 'Campaigns that need it can no longer send.' } : undefined}
      />
    </Table.Tr>
  );
}
