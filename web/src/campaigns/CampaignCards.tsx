import { Group, Paper, Stack, Text } from '@mantine/core';
import type { KeyboardEvent } from 'react';
import { LiveProgress } from './LiveProgress';
import type { Campaign } from '../api/types';
import { NameCell } from './NameCell';
import { DueCell } from './Schedule';
import { StateBadge } from './StateBadge';
import { StopButton } from './StopButton';
import { canStop } from './states';
import { useRowKeys } from './useRowKeys';

/** The list on a phone: a card a campaign, its stop under the thumb. */
export function CampaignCards({ rows }: { rows: Campaign[] }) {
  const keys = useRowKeys();
  return (
    <Stack gap="sm">
      {rows.map((c) => (
        <Paper
          key={c.id}
          withBorder
          p="sm"
          component="article"
          tabIndex={0}
          aria-label={c.name}
          aria-keyshortcuts="s Enter"
          data-campaign={c.id}
          onKeyDown={(event: KeyboardEvent<HTMLElement>) => keys(event, c)}
        >
          <Stack gap="xs">
            <Group justify="space-between" wrap="nowrap" align="start" gap="xs">
              <NameCell campaign={c} />
              <StateBadge campaign={c} />
            </Group>
            <LiveProgress campaign={c} />
            <Group justify="space-between" wrap="nowrap" align="end">
              <DueCell campaign={c} />
              {canStop(c.state) ? (
                <StopButton campaign={c} size="md" />
              ) : (
                <Text size="xs" c="dimmed">
                  {c.stop}
                </Text>
              )}
            </Group>
          </Stack>
        </Paper>
      ))}
    </Stack>
  );
}
