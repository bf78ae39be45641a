import { SegmentedControl, Stack } from '@mantine/core';
import { useState } from 'react';
import { ForWhom } from './ForWhom';
import { PushPreview } from './PushPreview';
import { pushOn, type Content, type Device } from './pushContent';
import { useRendered } from './useRendered';

const devices = [
  { value: 'android', label: 'Android' },
  { value: 'ios', label: 'iOS' },
  { value: 'web', label: 'Browser' },
];

/** A push on one kind of device, as it is written or as one person would get it. */
export function PushPreviews({ content }: { content: Content }) {
  const [device, setDevice] = useState<Device>('android');
  const [identity, setIdentity] = useState('');
  const answer = useRendered({ target_mode: 'push', content }, identity);
  const theirs = identity.trim() ? answer.data?.rendered[device] : undefined;
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
      <PushPreview device={device} push={theirs ? pushFrom(theirs, device) : pushOn(content, device)} />
      <ForWhom identity={identity} onIdentity={setIdentity} answer={answer} />
    </Stack>
  );
}

function pushFrom(texts: Record<string, string | null>, device: Device) {
  const keys = Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, text ?? '']));
  return pushOn({ title: keys['title'], body: keys['body'], platform_specific: { [device]: keys } }, device);
}
