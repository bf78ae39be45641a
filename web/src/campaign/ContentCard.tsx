import { Code, SegmentedControl, Text } from '@mantine/core';
import { useState } from 'react';
import { Card } from './Card';
import { PushPreview } from './PushPreview';
import { pushOn, type Device } from './pushContent';
import type { Campaign } from '../api/types';

/** What they get, as it looks where they get it. */
export function ContentCard({ campaign }: { campaign: Campaign }) {
  const [device, setDevice] = useState<Device>('android');
  const { content } = campaign;
  if (!content) return null;
  if (campaign.channel === 'webhook') {
    return (
      <Card title="Content">
        <Text size="sm" c="dimmed">
          Beside what the provider adds, each request carries:
        </Text>
        <Code block>{JSON.stringify(content.webhook_key_value ?? {}, null, 2)}</Code>
      </Card>
    );
  }
  return (
    <Card
      title="Content"
      aside={
        <SegmentedControl
          size="xs"
          aria-label="As it looks on"
          data={[
            { value: 'android', label: 'Android' },
            { value: 'ios', label: 'iOS' },
            { value: 'web', label: 'Browser' },
          ]}
          value={device}
          onChange={(value) => setDevice(value as Device)}
        />
      }
    >
      <PushPreview device={device} push={pushOn(content, device)} />
    </Card>
  );
}
