import { Group, Paper, Skeleton, Stack, Table, Text, Title } from '@mantine/core';
import { Failure } from '../app/Failure';
import type { ReactNode } from 'react';

interface Props {
  title: string;
  says: ReactNode;
  /** What adds one. */
  add?: ReactNode;
  error: Error | null;
  /** undefined while it loads. */
  rows: unknown[] | undefined;
  empty: string;
  heads: string[];
  children: ReactNode;
}

/** The frame of the pages that list, add and revoke. */
export function SettingsPage({ title, says, add, error, rows, empty, heads, children }: Props) {
  return (
    <Stack>
      <Group justify="space-between" align="end">
        <Title order={1} size="h2">
          {title}
        </Title>
        {add}
      </Group>
      <Text c="dimmed" maw="75ch">
        {says}
      </Text>
      <Failure of={error} />
      {!rows && !error && <Skeleton h={120} />}
      {rows?.length === 0 && (
        <Paper withBorder p="lg">
          <Text c="dimmed">{empty}</Text>
        </Paper>
      )}
      {rows && rows.length > 0 && (
        <Table.ScrollContainer minWidth={Math.max(640, heads.length * 150)} tabIndex={0} aria-label={title}>
          <Table verticalSpacing="sm" withTableBorder bg="var(--belay-card)">
            <Table.Thead>
              <Table.Tr>
                {heads.map((h) => (
                  <Table.Th key={h}>{h || <span className="visually-hidden">Actions</span>}</Table.Th>
                ))}
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>{children}</Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
    </Stack>
  );
}
