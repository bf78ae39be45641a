import { Anchor, Skeleton, Text, Timeline } from '@mantine/core';
import { Link } from 'react-router-dom';
import { inZone, viewerZone } from '../words/times';
import { Card } from './Card';
import { eventInWords } from './timelineWords';
import { useTimeline } from './useCampaign';

/** Every change of state and every stop: when, by whom, why. */
export function TimelineCard({ id, moving }: { id: number; moving: boolean }) {
  const { data, isError } = useTimeline(id, moving);
  if (isError) return null;
  return (
    <Card title="Timeline">
      {!data && <Skeleton h={120} />}
      {data && (
        <Timeline bulletSize={14} lineWidth={2} active={data.events.length}>
          {data.events.map((event, i) => (
            <Timeline.Item
              key={i}
              title={
                <Text size="sm" fw={600}>
                  {eventInWords(event)}
                </Text>
              }
              color={event.stop ? 'red' : undefined}
            >
              <Text size="xs" c="dimmed" className="breakable">
                {inZone(event.at, viewerZone(), true)}, {event.actor}
                {event.reason && `: ${event.reason}`}
              </Text>
              {event.stop && (
                <Anchor component={Link} size="xs" to={`/stops/${event.stop}`} underline="always">
                  Receipt {event.stop}
                </Anchor>
              )}
            </Timeline.Item>
          ))}
        </Timeline>
      )}
      {data?.more && (
        <Text size="sm" c="dimmed">
          Only the first 1,000 are shown.
        </Text>
      )}
    </Card>
  );
}
