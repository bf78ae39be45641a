import { Button, Group, Stack, Text, Title } from '@mantine/core';
import { useCallback, useMemo } from 'react';
import { Link, useSearchParams } from 'react-router-dom';
import { channels } from '../api/types';
import { DraftsList } from '../create/DraftsList';
import { maySend } from '../session/session';
import { useSession } from '../session/useSession';
import { ChannelSection } from './ChannelSection';
import { ListControls } from './ListControls';
import { paramsFrom, wantedFrom, type Wanted } from './listing';
import { LiveRows } from './LiveRows';

export function CampaignsPage() {
  const { role } = useSession();
  const [params, setParams] = useSearchParams();
  const wanted = useMemo(() => wantedFrom(params), [params]);
  const change = useCallback(
    (part: Partial<Wanted>) => setParams((old) => paramsFrom({ ...wantedFrom(old), ...part }), { replace: true }),
    [setParams],
  );
  return (
    <Stack gap="lg">
      <Group justify="space-between" align="end">
        <Title order={1} size="h2">
          Campaigns
        </Title>
        {maySend(role) && (
          <Button component={Link} to="/new">
            New campaign
          </Button>
        )}
      </Group>
      <ListControls wanted={wanted} onChange={change} />
      {wanted.filter === 'draft' ? (
        <DraftsList />
      ) : (
        <LiveRows>
          {channels.map((channel) => (
            <ChannelSection key={channel} channel={channel} wanted={wanted} onChange={change} />
          ))}
        </LiveRows>
      )}
      {wanted.filter !== 'draft' && (
        <Text size="xs" c="dimmed" visibleFrom="sm">
          On a row: <kbd>s</kbd> opens its stop, <kbd>Enter</kbd> opens the campaign, arrows move
        </Text>
      )}
    </Stack>
  );
}
