import { Alert, Select, SegmentedControl, Stack, TagsInput, Text, TextInput } from '@mantine/core';
import type { Provider } from '../api/types';
import { useSession } from '../session/useSession';
import { useThings } from '../settings/useThings';
import { draftChannels, isSendable, type DraftChannel } from './draft';
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
          data={draftChannels}
          value={draft.channel}
          w="fit-content"
          maw="100%"
          onChange={(channel) => change({ channel: channel as DraftChannel, provider: '' })}
        />
      </Stack>
      {!isSendable(draft.channel) && (
        <Alert color="yellow" variant="light">
          This server does not send on this channel yet. It can be written, looked at and kept as a draft.
        </Alert>
      )}
      {isSendable(draft.channel) && list.data && fitting.length === 0 && (
        <Alert color="orange" variant="light">
          The account has no provider for this channel: an Admin adds one under Providers.
        </Alert>
      )}
      {fitting.length > 1 && (
        <Select
          label="Provider"
          placeholder="Choose one"
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
