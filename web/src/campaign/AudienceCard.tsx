import { Text } from '@mantine/core';
import { Card } from './Card';
import type { Campaign } from '../api/types';
import { count } from '../words/numbers';

function reachInWords({ reach }: Campaign): string[] {
  if (!reach) return [];
  const { users_limit_overall: limit, control_group: group } = reach;
  return [
    ...(limit != null ? [`To ${count(limit)} people at most, over all its runs`] : []),
    ...(group?.percentage ? [`${group.percentage} % are kept out as a control group`] : []),
    ...(reach.system_control_group_include === false ? ['The account’s control group gets it, too'] : []),
    ...(reach.respect_frequency_caps === false ? ['Also to those who have had enough by the account’s caps'] : []),
  ];
}

/** Whom it is for, in words. */
export function AudienceCard({ campaign }: { campaign: Campaign }) {
  const { audience } = campaign;
  if (!audience) return null;
  return (
    <Card title="Audience">
      <Text size="sm" className="breakable" dir="auto">
        {audience.in_words}
      </Text>
      {campaign.channel === 'push' && (
        <Text size="sm" c="dimmed">
          On {audience.devices.length > 0 ? audience.devices.join(', ') : 'every kind of device'};{' '}
          {audience.send_to_all_devices ? 'on every device of a person' : 'on a person’s newest device'}
        </Text>
      )}
      {reachInWords(campaign).map((text) => (
        <Text key={text} size="sm" c="dimmed">
          {text}
        </Text>
      ))}
    </Card>
  );
}
