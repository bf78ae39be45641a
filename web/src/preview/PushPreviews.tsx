import { SegmentedControl, Stack } from '@mantine/core';
import { useState } from 'react';
import { PushPreview } from './PushPreview';
import { pushOn, type Content, type Device } from './pushContent';

const devices = [
  { value: 'android', label: 'Android' },
  { value: 'ios', label: 'iOS' },
  { value: 'web', label: 'Browser' },
];

/** A push on one kind of device, and the choice of the kind. */
export function PushPreviews({ content }: { content: Content }) {
  const [device, setDevice] = useState<Device>('android');
  return (
    <Stack gap="sm">
      <SegmentedControl
        size="xs"
        fullWidth
        aria-label="As it looks on"
        data={devices}
        value={device}
        onChange={(value) => setDevice(value as Device)}
      />
      <PushPreview device={device} push={pushOn(content, device)} />
    </Stack>
  );
}
