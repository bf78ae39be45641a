import { Select, SegmentedControl, Stack, TagsInput, Text, TextInput } from '@mantine/core';
import { channels, type Channel, type Provider } from '../api/types';
import { useSession } from '../session/useSession';
import { useThings } from '../settings/useThings';
import type { StepProps } from './step';

export function BasicsStep({ draft, change, problems }: StepProps) {
  const { account } = useSession();
  const list = useThings<{ providers: Provider[] }>(
    'providers',
    `/api/v1/accounts/${encodeURIComponent(account)}/providers`,
  );
  const fitting =
    list.data?.providers.filter((p) => (p.mode ?? (p.kind === 'webhook' ? 'webhook' : 'push')) === draft.channel) ??
    [];
  return (
    <Stack>
      <TextInput
        label="Name"
        required
        dir="auto"
        maxLength={200}
        value={draft.name}
        error={problems.name}
        onChange={(e) => change({ name: e.currentTarget.value })}
      />
      <Stack gap={4}>
        <Text size="sm" fw={500}>
          Channel
        </Text>
        <SegmentedControl
          aria-label="Channel"
          data={channels}
          value={draft.channel}
          w="fit-content"
          onChange={(channel) => change({ channel: channel as Channel, provider: '' })}
        />
      </Stack>
      {fitting.length > 1 && (
        <Select
          label="Provider"
          data={fitting.map((p) => p.nick_name)}
          value={draft.provider || null}
          onChange={(provider) => change({ provider: provider ?? '' })}
        />
      )}
      <TagsInput
        label="Labels"
        description="To find it by, and to stop it by; Enter after each"
        value={draft.labels}
        onChange={(labels) => change({ labels })}
      />
    </Stack>
  );
}
