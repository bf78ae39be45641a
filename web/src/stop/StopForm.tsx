import { Button, Group, Stack, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { StopRequest } from '../api/types';
import type { Foreseen } from './outlook';
import { OutlookView } from './OutlookView';
import { ReceiptView } from './ReceiptView';
import { StopProblem } from './StopProblem';
import { StopAwaited } from './StopAwaited';
import { useOutlook, useStop } from './useStop';

interface Props {
  scope: StopRequest['scope'];
  known?: Foreseen;
  onClose: () => void;
  /** Whether somebody is looking: only then are the numbers asked for. */
  active: boolean;
}

/** What a stop would do, a reason if there is one, and the button that does it; then its receipt. */
export function StopForm({ scope, known, onClose, active }: Props) {
  const [reason, setReason] = useState('');
  const stop = useStop();
  const outlook = useOutlook(active && stop.isIdle ? scope : undefined);

  if (stop.data?.id) return <ReceiptView id={stop.data.id} first={stop.data} onClose={onClose} />;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (!stop.isPending) stop.mutate({ scope, reason: reason.trim() || undefined });
      }}
    >
      <Stack>
        <OutlookView outlook={outlook.data} known={known} failed={outlook.isError} />
        <TextInput
          label="Reason"
          description="For the record; may be left empty"
          maxLength={500}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        {stop.error && <StopProblem error={stop.error} />}
        {stop.isPending && <StopAwaited />}
        <Group grow wrap="nowrap">
          <Button variant="default" size="md" onClick={onClose}>
            Cancel
          </Button>
          <Button
            type="submit"
            color="red.9"
            size="md"
            loading={stop.isPending}
            data-autofocus
            // A key that is still held down from opening the sheet is no second click.
            onKeyDown={(event) => event.repeat && event.preventDefault()}
          >
            {stop.error ? 'Try again' : 'Stop now'}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
