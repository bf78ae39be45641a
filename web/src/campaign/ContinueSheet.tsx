import { Checkbox, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { useNavigate } from 'react-router-dom';
import { SideSheet } from '../app/SideSheet';
import { count } from '../words/numbers';
import type { Campaign } from '../api/types';
import { useAct } from './useCampaign';
import { FollowUpFoot } from './FollowUpFoot';
import { whenFrom } from './whenFrom';

type Rest = 'withheld' | 'failed' | 'in_doubt';
const rests: { value: Rest; label: string; says?: string }[] = [
  { value: 'withheld', label: 'withheld by the stop' },
  { value: 'failed', label: 'failed' },
  { value: 'in_doubt', label: 'in doubt', says: 'They may have got it already' },
];

interface Props {
  campaign: Campaign;
  opened: boolean;
  onClose: () => void;
}

/** A new campaign for those whom this one did not reach. */
export function ContinueSheet({ campaign, opened, onClose }: Props) {
  const act = useAct(campaign.id, 'continue');
  const navigate = useNavigate();
  const [scopes, setScopes] = useState<string[]>(['withheld']);
  const [when, setWhen] = useState<string>();
  const { counts } = campaign;
  const people = counts
    ? rests.reduce((n, r) => n + (scopes.includes(r.value) ? counts[r.value] : 0), 0)
    : undefined;
  const send = () =>
    act.mutate({ scopes, when: whenFrom(when) }, { onSuccess: (made) => navigate(`/campaigns/${made.id}`) });
  return (
    <SideSheet opened={opened} onClose={onClose} title={`Continue “${campaign.name}”`}>
      <Stack>
        <Text>
          A new campaign with the same content, for exactly these people. The same people can be continued with
          once.
        </Text>
        <Checkbox.Group label="Those who are" value={scopes} onChange={setScopes}>
          <Stack gap={6} mt={6}>
            {rests.map((r) => (
              <Checkbox
                key={r.value}
                value={r.value}
                description={r.says}
                label={counts ? `${r.label}: ${count(counts[r.value])}` : r.label}
              />
            ))}
          </Stack>
        </Checkbox.Group>
        <FollowUpFoot
          when={when}
          onWhen={setWhen}
          act={act}
          people={people}
          ready={scopes.length > 0 && people !== 0}
          onSend={send}
        />
      </Stack>
    </SideSheet>
  );
}
