import { Group, Text } from '@mantine/core';
import { Schedule } from '../campaigns/Schedule';
import { states } from '../campaigns/states';
import { relative } from '../words/times';
import { Card } from './Card';
import type { Campaign } from '../api/types';

/** When it starts, started and ended: in the account's zone and in the viewer's. */
export function ScheduleCard({ campaign }: { campaign: Campaign }) {
  const rows: [string, string | null | undefined][] = [
    [campaign.state === 'scheduled' ? 'Starts' : 'Due', campaign.due],
    ['Started', campaign.started],
    ['Ended', campaign.finished],
    ['Created', campaign.created],
  ];
  return (
    <Card title="Schedule">
      {campaign.state === 'scheduled' && (
        <Text size="sm">
          {states.scheduled.says}, {relative(campaign.due, Date.now())}.
        </Text>
      )}
      {rows.map(
        ([label, time]) =>
          time && (
            <Group key={label} gap="sm" wrap="nowrap" align="start">
              <Text size="sm" c="dimmed" w={72} flex="none">
                {label}
              </Text>
              <Schedule time={time} />
            </Group>
          ),
      )}
    </Card>
  );
}
