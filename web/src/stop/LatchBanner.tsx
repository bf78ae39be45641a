import { Alert, Button, Group, Text } from '@mantine/core';
import { LockClosedIcon } from '@radix-ui/react-icons';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useClient } from '../api/Server';
import type { Latch } from '../api/types';
import { maySend } from '../session/session';
import { useSession } from '../session/useSession';
import { inZone, viewerZone } from '../words/times';
import { scopeInWords } from './scope';

export function useLatches() {
  const client = useClient();
  return useQuery({
    queryKey: ['latches'],
    queryFn: ({ signal }) => client.get<{ latches: Latch[] }>('/api/v1/latches', signal),
    select: (answer) => answer.latches,
    refetchInterval: 3000,
  });
}

/** On every page while a latch stands. */
export function LatchBanner() {
  const { data } = useLatches();
  return data?.map((latch) => <OneLatch key={latch.id} latch={latch} />);
}

function OneLatch({ latch }: { latch: Latch }) {
  const client = useClient();
  const queries = useQueryClient();
  const { role } = useSession();
  const release = useMutation({
    mutationFn: () => client.remove(`/api/v1/latches/${latch.id}`),
    onSettled: () => queries.invalidateQueries({ queryKey: ['latches'] }),
  });
  return (
    <Alert
      color="red"
      variant="light"
      icon={<LockClosedIcon />}
      title={`Nothing starts: ${scopeInWords(latch.scope)}`}
      data-testid="latch"
    >
      <Group justify="space-between" align="end" gap="sm">
        <Text size="sm" className="breakable" maw="80ch">
          Since {inZone(latch.at, viewerZone())}, by {latch.actor}
          {latch.reason && `: ${latch.reason}`}. Releasing sends nothing by itself: what was stopped stays stopped,
          and what came due meanwhile waits, paused, until somebody resumes it.
        </Text>
        {maySend(role) && (
          <Button size="xs" variant="default" loading={release.isPending} onClick={() => release.mutate()}>
            Release {latch.id}
          </Button>
        )}
      </Group>
      {release.error && (
        <Text size="sm" role="alert" mt="xs">
          {release.error.message}
        </Text>
      )}
    </Alert>
  );
}
