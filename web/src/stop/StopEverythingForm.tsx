import { Autocomplete, Checkbox, SegmentedControl, Select, Stack, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { channels, type Channel } from '../api/types';
import { useSession } from '../session/useSession';
import { HoldButton } from './HoldButton';
import { OutlookView } from './OutlookView';
import { ReceiptView } from './ReceiptView';
import { StopAwaited } from './StopAwaited';
import { StopProblem } from './StopProblem';
import { useKnownLabels, useKnownProviders } from './useKnown';
import { useOutlook, useStop } from './useStop';
import { firstChoice, scopeOf, type Choice, type Width } from './wideScope';

const widths: { value: Width; label: string }[] = [
  { value: 'account', label: 'All' },
  { value: 'channel', label: 'Channel' },
  { value: 'label', label: 'Label' },
  { value: 'provider', label: 'Provider' },
];

export function StopEverythingForm({ active, onClose }: { active: boolean; onClose: () => void }) {
  const { account } = useSession();
  const [choice, setChoice] = useState<Choice>(firstChoice);
  const [latch, setLatch] = useState(true);
  const [reason, setReason] = useState('');
  const stop = useStop();
  const labels = useKnownLabels();
  const providers = useKnownProviders(active && choice.width === 'provider');
  const scope = scopeOf(choice);
  const outlook = useOutlook(active && stop.isIdle ? scope : undefined);
  const change = (part: Partial<Choice>) => setChoice((old) => ({ ...old, ...part }));

  if (stop.data?.id) return <ReceiptView id={stop.data.id} first={stop.data} onClose={onClose} />;
  return (
    <Stack>
      <SegmentedControl
        fullWidth
        data={widths}
        value={choice.width}
        onChange={(width) => change({ width: width as Width })}
        aria-label="What to stop"
      />
      {choice.width === 'account' && <Text className="breakable">Everything of account {account}.</Text>}
      {choice.width === 'channel' && (
        <Select
          label="Channel"
          data={channels}
          value={choice.channel}
          allowDeselect={false}
          onChange={(channel) => change({ channel: channel as Channel })}
        />
      )}
      {choice.width === 'label' && (
        <Autocomplete label="Label" data={labels} value={choice.label} onChange={(label) => change({ label })} />
      )}
      {choice.width === 'provider' && (
        <Autocomplete
          label="Provider’s nick name"
          data={providers}
          value={choice.provider}
          onChange={(provider) => change({ provider })}
        />
      )}
      {scope && <OutlookView outlook={outlook.data} failed={outlook.isError} wide />}
      <Checkbox
        checked={latch}
        onChange={(event) => setLatch(event.currentTarget.checked)}
        label="And let nothing start"
        description="A latch: nothing of this can be created or start until somebody releases it"
      />
      <TextInput
        label="Reason"
        description="For the record; may be left empty"
        maxLength={500}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
      {stop.error && <StopProblem error={stop.error} />}
      {stop.isPending && <StopAwaited />}
      <HoldButton
        color="red.9"
        size="lg"
        disabled={!scope}
        loading={stop.isPending}
        onHeld={() => scope && stop.mutate({ scope, latch, reason: reason.trim() || undefined })}
      >
        Hold to stop
      </HoldButton>
    </Stack>
  );
}
