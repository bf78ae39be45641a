import { Paper, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { amount, count } from './numbers';

interface Props {
  label: ReactNode;
  n: number;
  strong?: boolean;
  /** An amount, which is not whole. */
  decimals?: boolean;
  testid?: string;
}

export function NumberTile({ label, n, strong, decimals, testid }: Props) {
  return (
    <Paper withBorder p="xs" radius="md">
      <Text fw={650} size={strong ? 'xl' : 'lg'} className="numbers" data-testid={testid}>
        {decimals ? amount(n) : count(n)}
      </Text>
      <Text size="xs" c="dimmed">
        {label}
      </Text>
    </Paper>
  );
}
