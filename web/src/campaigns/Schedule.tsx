import { Text } from '@mantine/core';
import type { Campaign } from '../api/types';
import { useSession } from '../session/useSession';
import { inBothZones, zoneName } from '../words/times';

/** A time in the account's zone and, where that differs, in the viewer's. */
export function Schedule({ time }: { time: string }) {
  const { timezone } = useSession();
  const [first, second] = inBothZones(time, timezone);
  return (
    <time dateTime={time}>
      <Text size="sm" component="div" className="numbers">
        {first!.text}{' '}
        <Text span size="xs" c="dimmed">
          {zoneName(first!.zone)}
        </Text>
      </Text>
      {second && (
        <Text size="xs" component="div" c="dimmed" className="numbers">
          {second.text} {zoneName(second.zone)}
        </Text>
      )}
    </time>
  );
}

/** When it is due; of a recurring one the next run, and how it goes on. */
export function DueCell({ campaign }: { campaign: Campaign }) {
  return (
    <div style={{ minWidth: 0 }}>
      <Schedule time={campaign.due} />
      {campaign.recurrence && (
        <Text size="xs" c="dimmed" className="breakable">
          {campaign.recurrence.in_words}
        </Text>
      )}
    </div>
  );
}
