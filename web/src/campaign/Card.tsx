import { Group, Paper, Stack, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { Contained } from '../app/Contained';

interface Props {
  title: string;
  id?: string;
  aside?: ReactNode;
  children: ReactNode;
}

export function Card({ title, id, aside, children }: Props) {
  return (
    <Paper withBorder p="md" component="section" aria-label={title} id={id} style={{ minWidth: 0 }}>
      <Stack gap="sm">
        <Group justify="space-between" gap="xs">
          <Title order={2} size="h5">
            {title}
          </Title>
          {aside}
        </Group>
        <Contained>{children}</Contained>
      </Stack>
    </Paper>
  );
}
