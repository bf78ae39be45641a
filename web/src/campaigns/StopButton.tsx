import { Button } from '@mantine/core';
import { maySend } from '../session/session';
import { useSession } from '../session/useSession';
import { targetOf, useStopSheet } from '../stop/StopSheet';
import type { Campaign } from '../api/types';
import { canStop } from './states';

/** The brake of one campaign, where it can be stopped and the viewer may. */
export function StopButton({ campaign, size = 'xs' }: { campaign: Campaign; size?: 'xs' | 'sm' | 'md' }) {
  const open = useStopSheet();
  const { role } = useSession();
  if (!canStop(campaign.state)) return null;
  return (
    <Button
      size={size}
      flex="none"
      color="red.9"
      disabled={!maySend(role)}
      title={maySend(role) ? undefined : 'A Member may not stop campaigns'}
      aria-label={`Stop ${campaign.name}`}
      onClick={() => open(targetOf(campaign))}
    >
      Stop
    </Button>
  );
}
