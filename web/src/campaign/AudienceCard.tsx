import { Text } from '@mantine/core';
import { Card } from './Card';
import type { Campaign } from '../api/types';

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
    </Card>
  );
}
