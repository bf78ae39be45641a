import { Anchor, Group, List, Stack, Text } from '@mantine/core';
import { Link } from 'react-router-dom';
import { Schedule } from '../campaigns/Schedule';
import { states } from '../campaigns/states';
import { StateBadge } from '../campaigns/StateBadge';
import { relative } from '../words/times';
import { Card } from './Card';
import type { Campaign } from '../api/types';

/** When it starts, started and ended: in the account's zone and in the viewer's. */
export function ScheduleCard({ campaign }: { campaign: Campaign }) {
  const { recurrence } = campaign;
  const rows: [string, string | null | undefined][] = [
    [campaign.state === 'scheduled' ? (recurrence ? 'Next run' : 'Starts') : 'Due', campaign.due],
    ['Started', campaign.started],
    ['Ended', campaign.finished],
    ['Created', campaign.created],
  ];
  return (
    <Card title="Schedule">
      {recurrence && (
        <Text size="sm" fw={600} data-testid="recurrence">
          Runs {recurrence.in_words}
        </Text>
      )}
      {campaign.timing?.in_words && (
        <Text size="sm" className="breakable" data-testid="timing">
          {campaign.timing.in_words}
        </Text>
      )}
      {campaign.state === 'scheduled' && (
        <Text size="sm">
          {recurrence ? 'The next run starts ' : `${states.scheduled.says}, `}
          {relative(campaign.due, Date.now())}.
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
      {campaign.next_runs.length > 1 && (
        <Stack gap={4} data-testid="next-runs">
          <Text size="sm" c="dimmed">
            Then
          </Text>
          {campaign.next_runs.slice(1).map((time) => (
            <Schedule key={time} time={time} />
          ))}
        </Stack>
      )}
    </Card>
  );
}

/** The runs of a recurring campaign, newest first; each is a campaign of its own. */
export function RunsCard({ campaign }: { campaign: Campaign }) {
  if (!campaign.recurrence) return null;
  const runs = campaign.runs ?? [];
  return (
    <Card
      title="Runs"
      aside={
        runs.length > 0 && (
          <Anchor component={Link} size="sm" to={`/?series=${campaign.id}`} underline="always">
            All runs
          </Anchor>
        )
      }
    >
      {runs.length === 0 && <Text c="dimmed">It has not run yet.</Text>}
      <List listStyleType="none" spacing="xs">
        {runs.map((run) => (
          <List.Item key={run.id} styles={{ itemWrapper: { display: 'block' }, itemLabel: { display: 'block' } }}>
            <Group justify="space-between" wrap="nowrap" align="start" gap="xs">
              <div>
                <Anchor component={Link} to={`/campaigns/${run.id}`} underline="always" size="sm">
                  Run {run.occurrence}
                </Anchor>
                <Schedule time={run.due} />
              </div>
              <StateBadge campaign={run} />
            </Group>
          </List.Item>
        ))}
      </List>
    </Card>
  );
}
