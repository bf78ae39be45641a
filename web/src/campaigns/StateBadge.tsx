import { Badge } from '@mantine/core';
import type { Campaign } from '../api/types';
import { shownState } from './states';

type Stated = Pick<Campaign, 'state'> & Partial<Pick<Campaign, 'state_reason' | 'awaiting_next_run'>>;

export function StateBadge({ campaign }: { campaign: Stated }) {
  const shown = shownState(campaign);
  return (
    <Badge
      variant="light"
      flex="none"
      color={shown.color}
      title={campaign.state_reason || shown.says}
      data-testid="state"
    >
      {shown.label}
    </Badge>
  );
}
