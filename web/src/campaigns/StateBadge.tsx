import { Badge } from '@mantine/core';
import type { State } from '../api/types';
import { states } from './states';

export function StateBadge({ state, reason }: { state: State; reason?: string }) {
  const shown = states[state];
  return (
    <Badge variant="light" flex="none" color={shown.color} title={reason || shown.says} data-testid="state">
      {shown.label}
    </Badge>
  );
}
