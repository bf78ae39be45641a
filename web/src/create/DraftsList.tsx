import { Anchor, Group, Paper, Stack, Text } from '@mantine/core';
import { Link } from 'react-router-dom';
import { ConfirmButton } from '../settings/ConfirmButton';
import { inZone, viewerZone } from '../words/times';
import { useDrafts, useRemoveDraft } from './useDrafts';

/** What somebody began to write and nobody has sent. */
export function DraftsList() {
  const list = useDrafts();
  const remove = useRemoveDraft();
  if (list.error) return <Text role="alert">{list.error.message}</Text>;
  if (list.data?.drafts.length === 0)
    return (
      <Paper withBorder p="xl" ta="center">
        <Text c="dimmed">No drafts.</Text>
      </Paper>
    );
  return (
    <Stack gap="xs">
      {list.data?.drafts.map((d) => (
        <Paper key={d.id} withBorder p="sm">
          <Group justify="space-between" wrap="nowrap">
            <div>
              <Anchor
                component={Link}
                to={`/new?draft=${encodeURIComponent(d.id)}`}
                fw={600}
                dir="auto"
                className="clamped"
              >
                {d.name || '(no name)'}
              </Anchor>
              <Text size="xs" c="dimmed">
                Changed {inZone(d.changed, viewerZone())}
              </Text>
            </div>
            <ConfirmButton
              label="Remove"
              of={d.name || 'draft'}
              says="The draft is gone then."
              loading={remove.isPending}
              error={remove.error}
              onConfirmed={() => remove.mutate(d.id)}
            />
          </Group>
        </Paper>
      ))}
    </Stack>
  );
}
