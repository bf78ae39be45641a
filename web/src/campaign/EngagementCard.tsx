import { SimpleGrid } from '@mantine/core';
import type { Campaign } from '../api/types';
import { percent } from '../words/numbers';
import { NumberTile } from '../words/NumberTile';
import { Card } from './Card';

/** What came of its messages, in people. Not there where nothing was reported, or the server counts none of it. */
export function EngagementCard({ campaign }: { campaign: Campaign }) {
  const { engagement, counts } = campaign;
  if (!engagement || !counts || counts.accepted === 0) return null;
  const share = (n: number) => percent(n, counts.accepted);
  return (
    <Card title="What came of it">
      <SimpleGrid cols={{ base: 2, xs: 4 }} spacing="xs">
        <NumberTile label={`viewed · ${share(engagement.viewed)}`} n={engagement.viewed} testid="viewed" />
        <NumberTile label={`clicked · ${share(engagement.clicked)}`} n={engagement.clicked} testid="clicked" />
        {engagement.conversions !== null && (
          <NumberTile label={`conversions · ${share(engagement.conversions)}`} n={engagement.conversions} />
        )}
        {engagement.revenue !== null && <NumberTile label="revenue" n={engagement.revenue} decimals />}
      </SimpleGrid>
    </Card>
  );
}
