import { Anchor, Group, Stack, Text } from '@mantine/core';
import { Link } from 'react-router-dom';
import type { CampaignReceipt, Outcome, Receipt } from '../api/types';
import { partOf } from '../campaigns/progress';
import { count } from '../words/numbers';
import { campaignsOf } from './receiptText';

const lists: Outcome[] = ['accepted', 'failed', 'skipped', 'withheld', 'in_doubt'];

/** The campaigns of a receipt, each with the lists of its people. */
export function ReceiptCampaigns({ receipt }: { receipt: Receipt }) {
  const campaigns = campaignsOf(receipt);
  if (campaigns.length === 0) return null;
  return (
    <Stack gap="sm" component="ul" p={0} m={0} style={{ listStyle: 'none' }}>
      {campaigns.map((c) => (
        <li key={c.campaign}>
          {campaigns.length > 1 && (
            <Text size="sm" className="breakable">
              <Anchor component={Link} to={`/campaigns/${c.campaign}`} underline="always">
                {c.campaign_name}
              </Anchor>
              , found {c.found_in}: {count(c.handed_over)} handed over, {count(c.withheld)} withheld
            </Text>
          )}
          <PeopleLinks campaign={c} />
        </li>
      ))}
    </Stack>
  );
}

function PeopleLinks({ campaign }: { campaign: CampaignReceipt }) {
  const there = lists.filter((outcome) => partOf(campaign, outcome) > 0);
  if (there.length === 0) return null;
  return (
    <Group gap="sm">
      <Text size="sm" c="dimmed">
        Who:
      </Text>
      {there.map((outcome) => (
        <Anchor
          key={outcome}
          component={Link}
          size="sm"
          underline="always"
          to={`/campaigns/${campaign.campaign}?people=${outcome}#people`}
        >
          {count(partOf(campaign, outcome))} {outcome.replace('_', ' ')}
        </Anchor>
      ))}
    </Group>
  );
}
