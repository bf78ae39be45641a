import { Button, Text } from '@mantine/core';
import { useState } from 'react';
import { Link } from 'react-router-dom';
import { canFollowUp, canPause, canResume } from '../campaigns/states';
import { maySend } from '../session/session';
import { useSession } from '../session/useSession';
import { ContinueSheet } from './ContinueSheet';
import { CorrectSheet } from './CorrectSheet';
import { ResumeSheet } from './ResumeSheet';
import type { Campaign } from '../api/types';
import { useAct } from './useCampaign';

type Sheet = 'resume' | 'continue' | 'correct';

/** Pause at once; whatever sends more asks first, and says to how many. */
export function Actions({ campaign }: { campaign: Campaign }) {
  const { role } = useSession();
  const [sheet, setSheet] = useState<Sheet>();
  const pause = useAct(campaign.id, 'pause');
  if (!maySend(role)) return null;
  const close = () => setSheet(undefined);
  const handedOver = campaign.counts?.handed_over ?? 0;
  const rest = campaign.counts ? campaign.counts.audience - handedOver : undefined;
  return (
    <>
      {pause.error && (
        <Text size="sm" c="red" role="alert">
          {pause.error.message}
        </Text>
      )}
      {canPause(campaign.state) && (
        <Button variant="default" size="sm" loading={pause.isPending} onClick={() => pause.mutate({})}>
          Pause
        </Button>
      )}
      {canResume(campaign.state) && (
        <Button size="sm" onClick={() => setSheet('resume')}>
          Resume…
        </Button>
      )}
      {canFollowUp(campaign.state) && rest !== 0 && (
        <Button variant="default" size="sm" onClick={() => setSheet('continue')}>
          Continue the rest…
        </Button>
      )}
      {canFollowUp(campaign.state) && handedOver > 0 && campaign.channel === 'push' && (
        <Button variant="default" size="sm" onClick={() => setSheet('correct')}>
          Correct those reached…
        </Button>
      )}
      <Button component={Link} to={`/new?clone=${campaign.id}`} variant="default" size="sm">
        Clone
      </Button>
      <ResumeSheet campaign={campaign} opened={sheet === 'resume'} onClose={close} />
      <ContinueSheet campaign={campaign} opened={sheet === 'continue'} onClose={close} />
      <CorrectSheet campaign={campaign} opened={sheet === 'correct'} onClose={close} />
    </>
  );
}
