import type { KeyboardEvent } from 'react';
import { useNavigate } from 'react-router-dom';
import type { Campaign } from '../api/types';
import { maySend } from '../session/session';
import { useSession } from '../session/useSession';
import { targetOf, useStopSheet } from '../stop/StopSheet';
import { canStop } from './states';

/** `s` opens the sheet of the row, Enter its page, arrows go to the next row. */
export function useRowKeys() {
  const open = useStopSheet();
  const navigate = useNavigate();
  const { role } = useSession();
  return (event: KeyboardEvent<HTMLElement>, campaign: Campaign) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    const row = event.currentTarget;
    if (event.key === 's' && canStop(campaign.state) && maySend(role)) {
      event.preventDefault();
      open(targetOf(campaign));
    } else if (event.key === 'Enter' && event.target === row) {
      navigate(`/campaigns/${campaign.id}`);
    } else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      const next = event.key === 'ArrowDown' ? row.nextElementSibling : row.previousElementSibling;
      if (next instanceof HTMLElement) next.focus();
      event.preventDefault();
    }
  };
}
