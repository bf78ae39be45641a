import { useHotkeys } from '@mantine/hooks';
import { canStop } from '../campaigns/states';
import { maySend } from '../session/session';
import { useSession } from '../session/useSession';
import { targetOf, useStopSheet } from '../stop/StopSheet';
import type { Campaign } from '../api/types';

/** `s` opens the stop sheet, as on a row of the list. Not while somebody types. */
export function useCampaignKeys(campaign: Campaign) {
  const open = useStopSheet();
  const { role } = useSession();
  useHotkeys([['s', () => canStop(campaign.state) && maySend(role) && open(targetOf(campaign))]]);
}
