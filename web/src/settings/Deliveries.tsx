import { Badge, Button, Group, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useClient } from '../api/Server';
import { SideSheet } from '../app/SideSheet';
import type { Delivery, Webhook } from '../api/types';
import { inZone, viewerZone } from '../words/times';
import { useChange } from './useThings';

/** What became of a webhook's last notices. */
export function Deliveries({ webhook, onClose }: { webhook: Webhook | undefined; onClose: () => void }) {
  return (
    <SideSheet opened={webhook !== undefined} onClose={onClose} title="Last deliveries">
      {webhook && <List id={webhook.id} />}
    </SideSheet>
  );
}

function List({ id }: { id: string }) {
  const client = useClient();
  const { data, error } = useQuery({
    queryKey: ['settings', 'deliveries', id],
    queryFn: ({ signal }) =>
      client.get<{ deliveries: Delivery[] }>(`/api/v1/webhooks/${id}/deliveries?limit=50`, signal),
    refetchInterval: 3000,
  });
  if (error)
    return (
      <Text c="red" role="alert">
        {error.message}
      </Text>
    );
  if (!data) return <Text c="dimmed">Loading…</Text>;
  if (data.deliveries.length === 0) return <Text c="dimmed">Nothing has been sent yet.</Text>;
  return (
    <Stack gap="sm">
      {data.deliveries.map((d) => (
        <One key={d.id} delivery={d} />
      ))}
    </Stack>
  );
}

const colors: Record<string, string> = { delivered: 'green', undelivered: 'red', in_doubt: 'orange' };

function One({ delivery }: { delivery: Delivery }) {
  const resend = useChange('deliveries', (client, _: void) =>
    client.post(`/api/v1/deliveries/${delivery.id}/resend`, {}),
  );
  const decided = delivery.state in colors;
  return (
    <Group justify="space-between" wrap="nowrap" align="start">
      <div>
        <Group gap="xs">
          <Text size="sm">
            {delivery.kind}
            {delivery.campaign != null && ` of ${delivery.campaign}`}
          </Text>
          <Badge size="sm" variant="light" color={colors[delivery.state] ?? 'gray'}>
            {delivery.state.replace('_', ' ')}
          </Badge>
        </Group>
        <Text size="xs" c="dimmed" className="breakable">
          {inZone(delivery.since, viewerZone(), true)} {delivery.detail}
        </Text>
      </div>
      {decided && (
        <Button size="xs" variant="default" loading={resend.isPending} onClick={() => resend.mutate()}>
          Send again
        </Button>
      )}
    </Group>
  );
}
