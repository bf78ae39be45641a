import { Button, Stack, Text } from '@mantine/core';
import { Failure } from '../app/Failure';
import { SideSheet } from '../app/SideSheet';
import { count } from '../words/numbers';
import type { Campaign } from '../api/types';
import { useAct } from './useCampaign';

interface Props {
  campaign: Campaign;
  opened: boolean;
  onClose: () => void;
}

export function ResumeSheet({ campaign, opened, onClose }: Props) {
  const resume = useAct(campaign.id, 'resume');
  const waiting = campaign.counts?.pending;
  return (
    <SideSheet opened={opened} onClose={onClose} title={`Resume “${campaign.name}”`}>
      <Stack>
        <Text>
          {waiting === undefined
            ? 'It goes back to its schedule. If its time has passed, it starts now.'
            : `It goes on where it was paused: ${count(waiting)} are still to be sent to. Nobody is sent to twice.`}
        </Text>
        <Failure of={resume.error} />
        <Button
          size="md"
          loading={resume.isPending}
          data-autofocus
          onClick={() => resume.mutate(waiting === undefined ? { past_due: 'send' } : {}, { onSuccess: onClose })}
        >
          Resume{waiting === undefined ? '' : `: send to ${count(waiting)}`}
        </Button>
      </Stack>
    </SideSheet>
  );
}
