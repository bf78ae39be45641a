import { Stack, Text } from '@mantine/core';
import { count, rate } from '../words/numbers';
import { span } from '../words/times';
import type { Campaign } from '../api/types';
import { Legend, ProgressBar } from './ProgressBar';
import { isLive } from './states';

/** Bar, figures, pace and time left of one row. */
export function LiveProgress({ campaign }: { campaign: Campaign }) {
  const { counts } = campaign;
  if (!counts)
    return (
      <Text size="sm" c="dimmed">
        {campaign.recurrence ? 'Between runs' : campaign.state === 'scheduled' ? 'Not begun' : 'No audience'}
      </Text>
    );
  const pace = isLive(campaign.state) ? (campaign.per_second ?? 0) : 0;
  return (
    <Stack gap={4}>
      <Text size="sm" className="numbers">
        <b>{count(counts.handed_over)}</b> of {count(counts.audience)} sent
        {pace > 0 && ` · ${rate(pace)}`}
        {pace > 0 && campaign.seconds_left != null && ` · ${span(campaign.seconds_left)} left`}
      </Text>
      <ProgressBar counts={counts} />
      <Legend counts={counts} />
    </Stack>
  );
}
