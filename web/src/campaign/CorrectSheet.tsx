import { Stack, Text, TextInput, Textarea } from '@mantine/core';
import { useState } from 'react';
import { useNavigate } from 'react-router-dom';
import { SideSheet } from '../app/SideSheet';
import { count } from '../words/numbers';
import { PushPreview } from '../preview/PushPreview';
import type { Campaign } from '../api/types';
import { useAct } from './useCampaign';
import { FollowUpFoot } from './FollowUpFoot';
import { whenFrom } from './whenFrom';

interface Props {
  campaign: Campaign;
  opened: boolean;
  onClose: () => void;
}

/** A new campaign with another text for those whom this one did reach. */
export function CorrectSheet({ campaign, opened, onClose }: Props) {
  const act = useAct(campaign.id, 'correct');
  const navigate = useNavigate();
  const [title, setTitle] = useState('');
  const [body, setBody] = useState('');
  const [when, setWhen] = useState<string>();
  const reached = (campaign.counts?.accepted ?? 0) + (campaign.counts?.in_doubt ?? 0);
  const send = () =>
    act.mutate({ title, body, when: whenFrom(when) }, { onSuccess: (made) => navigate(`/campaigns/${made.id}`) });
  return (
    <SideSheet opened={opened} onClose={onClose} title={`Correct “${campaign.name}”`}>
      <Stack>
        <Text>Another text for the {count(reached)} who got this one, or may have got it.</Text>
        <TextInput
          label="Title"
          required
          dir="auto"
          value={title}
          onChange={(e) => setTitle(e.currentTarget.value)}
        />
        <Textarea
          label="Text"
          required
          dir="auto"
          autosize
          minRows={3}
          value={body}
          onChange={(e) => setBody(e.currentTarget.value)}
        />
        <PushPreview device="android" push={{ title, body }} />
        <FollowUpFoot
          when={when}
          onWhen={setWhen}
          act={act}
          people={reached}
          ready={title.trim() !== '' && body.trim() !== ''}
          onSend={send}
        />
      </Stack>
    </SideSheet>
  );
}
