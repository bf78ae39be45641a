import { Anchor, Group, Stack, Text, Title } from '@mantine/core';
import { Link } from 'react-router-dom';
import { StateBadge } from '../campaigns/StateBadge';
import { StopButton } from '../campaigns/StopButton';
import { canStop } from '../campaigns/states';
import { CopyId } from '../words/CopyId';
import { Actions } from './Actions';
import type { Campaign } from '../api/types';
import { useCampaignKeys } from './useCampaignKeys';

/** Name, id, state, and what can be done. */
export function CampaignHead({ campaign }: { campaign: Campaign }) {
  useCampaignKeys(campaign);
  const from = campaign.continues ?? campaign.corrects;
  return (
    <Stack gap={6}>
      <Group justify="space-between" align="start" gap="sm">
        <Stack gap={4} miw={0} flex="1 1 360px">
          <Title order={1} size="h2" dir="auto" className="breakable" lineClamp={3} title={campaign.name}>
            {campaign.name}
          </Title>
          <Group gap="xs">
            <StateBadge campaign={campaign} />
            <CopyId id={campaign.id} />
            <Text size="sm" c="dimmed" className="breakable">
              {campaign.channel}
              {campaign.provider && ` · ${campaign.provider}`}
            </Text>
          </Group>
          {campaign.state_reason && (
            <Text size="sm" className="breakable">
              {campaign.state_reason}
            </Text>
          )}
          {campaign.series != null && (
            <Text size="sm">
              Run {campaign.occurrence} of{' '}
              <Anchor component={Link} to={`/campaigns/${campaign.series}`} underline="always">
                recurring campaign {campaign.series}
              </Anchor>
            </Text>
          )}
          {from != null && (
            <Text size="sm">
              {campaign.continues != null ? 'Continues ' : 'Corrects '}
              <Anchor component={Link} to={`/campaigns/${from}`} underline="always">
                campaign {from}
              </Anchor>
              {campaign.scopes && ` for those who were ${campaign.scopes.join(' or ').replaceAll('_', ' ')}`}
            </Text>
          )}
        </Stack>
        <Group gap="xs">
          <Actions campaign={campaign} />
          {canStop(campaign.state) ? (
            <StopButton campaign={campaign} size="sm" />
          ) : (
            campaign.stop && (
              <Anchor component={Link} to={`/stops/${campaign.stop}`} underline="always">
                Receipt {campaign.stop}
              </Anchor>
            )
          )}
        </Group>
      </Group>
    </Stack>
  );
}
