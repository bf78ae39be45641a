import { Button, Group, Table, Text } from '@mantine/core';
import { useState } from 'react';
import type { Provider } from '../api/types';
import { mayAdminister } from '../session/session';
import { useSession } from '../session/useSession';
import { count } from '../words/numbers';
import { ConfirmButton } from './ConfirmButton';
import { ProviderForm } from './ProviderForm';
import { SettingsPage } from './SettingsPage';
import { useChange, useThings } from './useThings';

export default function ProvidersPage() {
  const { account, role } = useSession();
  const path = `/api/v1/accounts/${encodeURIComponent(account)}/providers`;
  const list = useThings<{ providers: Provider[] }>('providers', path);
  const [edited, setEdited] = useState<Partial<Provider>>();
  const mayChange = mayAdminister(role);
  return (
    <>
      <SettingsPage
        title="Providers"
        says={
          <>
            Whom messages are handed to. Files of the server, as FCM’s service account, are named
            there: belay provider add.
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
            onEdit={mayChange ? () => setEdited(p) : undefined}
          />
        ))}
      </SettingsPage>
      <ProviderForm path={path} edited={edited} onClose={() => setEdited(undefined)} />
    </>
  );
}

function ProviderRow({ provider, path, onEdit }: { provider: Provider; path: string; onEdit?: () => void }) {
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
      <Table.Td>
        {onEdit && (
          <Group gap="xs" justify="end" wrap="nowrap">
            <Button size="xs" variant="default" aria-label={`Change ${provider.nick_name}`} onClick={onEdit}>
              Change
            </Button>
            <ConfirmButton
              label="Remove"
              of={provider.nick_name}
              says="Campaigns that need it can no longer send."
              loading={remove.isPending}
              error={remove.error}
              onConfirmed={() => remove.mutate()}
            />
          </Group>
        )}
      </Table.Td>
    </Table.Tr>
  );
}
