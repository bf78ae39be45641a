import { Paper, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { count } from './numbers';

interface Props {
  label: ReactNode;
  n: number;
  strong?: boolean;
  testid?: string;
}

export function NumberTile({ label, n, strong, testid }: Props) {
  return (
    <Paper withBorder p="xs" radius="md">
      <Text fw={650} size={strong ? 'xl' : 'lg'} className="numbers" data-testid={testid}>
        {count(n)}
      </Text>
      <Text size="xs" c="dimmed">
        {label}
      </Text>
    </Paper>
  );
}
