import { Button, Group, Text, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { useClient } from '../api/Server';
import type { Receipt } from '../api/types';
import { maySend } from '../session/session';
import { useSession } from '../session/useSession';

/** The reason of a stop, or the place to give one afterwards. */
export function ReasonAfter({ receipt }: { receipt: Receipt }) {
  const client = useClient();
  const queries = useQueryClient();
  const { role } = useSession();
  const [reason, setReason] = useState('');
  const give = useMutation({
    mutationFn: () => client.patch<Receipt>(`/api/v1/stops/${receipt.id}`, { reason: reason.trim() }),
    onSuccess: (changed) => queries.setQueryData(['stop', receipt.id], changed),
  });
  if (receipt.reason)
    return (
      <Text size="sm" className="breakable">
        <b>Reason:</b> {receipt.reason}
      </Text>
    );
  if (!maySend(role)) return null;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (reason.trim()) give.mutate();
  };
  return (
    <form onSubmit={submit}>
      <Group align="end" gap="xs" wrap="nowrap">
        <TextInput
          flex={1}
          label="Reason"
          size="sm"
          maxLength={500}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
          error={give.error?.message}
        />
        <Button type="submit" variant="default" loading={give.isPending} disabled={!reason.trim()}>
          Add
        </Button>
      </Group>
    </form>
  );
}
