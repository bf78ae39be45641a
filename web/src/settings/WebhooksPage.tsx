import { Badge, Group, Table } from '@mantine/core';
import { useState } from 'react';
import type { Webhook } from '../api/types';
import { mayAdminister } from '../session/session';
import { useSession } from '../session/useSession';
import { inZone, viewerZone } from '../words/times';
import { AddWebhook, secretOf } from './AddWebhook';
import { Deliveries } from './Deliveries';
import { RowActions } from './RowActions';
import { SecretOnce, type Secret } from './SecretOnce';
import { SettingsPage } from './SettingsPage';
import { useChange, useThings } from './useThings';

export default function WebhooksPage() {
  const { role } = useSession();
  const list = useThings<{ webhooks: Webhook[] }>('webhooks', '/api/v1/webhooks');
  const [secret, setSecret] = useState<Secret>();
  const [shown, setShown] = useState<Webhook>();
  return (
    <>
      <SettingsPage
        title="Webhooks"
        says="Addresses that are told of stops and changes of state, signed with a secret of their own."
        add={mayAdminister(role) && <AddWebhook onAdded={setSecret} />}
        error={list.error}
        rows={list.data?.webhooks}
        empty="Nobody is told."
        heads={['Where', 'Of what', 'Since', '']}
      >
        {list.data?.webhooks.map((w) => (
          <WebhookRow key={w.id} webhook={w} onDeliveries={() => setShown(w)} onSecret={setSecret} />
        ))}
      </SettingsPage>
      <SecretOnce secret={secret} onClose={() => setSecret(undefined)} />
      <Deliveries webhook={shown} onClose={() => setShown(undefined)} />
    </>
  );
}

interface RowProps {
  webhook: Webhook;
  onDeliveries: () => void;
  onSecret: (secret: Secret) => void;
}

function WebhookRow({ webhook, onDeliveries, onSecret }: RowProps) {
  const { role } = useSession();
  const may = mayAdminister(role);
  const rotate = useChange('webhooks', (client, _: void) =>
    client.post<Webhook & { secret: string }>('/api/v1/webhooks', { url: webhook.url, kinds: webhook.kinds }),
  );
  const rotated = {
    label: 'Rotate',
    says: `Rotate the secret of ${webhook.url}`,
    loading: rotate.isPending,
    onClick: () => rotate.mutate(undefined, { onSuccess: (made) => onSecret(secretOf(made, true)) }),
  };
  const remove = useChange('webhooks', (client, _: void) => client.remove(`/api/v1/webhooks/${webhook.id}`));
  return (
    <Table.Tr>
      <Table.Td className="breakable" maw={380}>
        {webhook.url}
      </Table.Td>
      <Table.Td>
        <Group gap={4}>
          {webhook.kinds.map((k) => (
            <Badge key={String(k)} variant="light" size="sm">
              {String(k)}
            </Badge>
          ))}
        </Group>
      </Table.Td>
      <Table.Td>{inZone(webhook.created, viewerZone())}</Table.Td>
      <RowActions
        of={webhook.url}
        actions={[
          { label: 'Deliveries', says: `Deliveries to ${webhook.url}`, onClick: onDeliveries },
          ...(may ? [rotated] : []),
        ]}
        removal={may ? { ...remove, says: 'It is told nothing more, not even what waits for it.' } : undefined}
      />
    </Table.Tr>
  );
}
