import { Code, Text } from '@mantine/core';
import { Card } from './Card';
import { PushPreviews } from '../preview/PushPreviews';
import type { Campaign } from '../api/types';

/** What they get, as it looks where they get it. */
export function ContentCard({ campaign }: { campaign: Campaign }) {
  const { content } = campaign;
  if (!content) return null;
  if (campaign.channel === 'webhook') {
    return (
      <Card title="Content">
        <Text size="sm" c="dimmed">
          Beside what the provider adds, each request carries:
        </Text>
        <Code block>{JSON.stringify(content.webhook_key_value ?? {}, null, 2)}</Code>
      </Card>
    );
  }
  return (
    <Card title="Content">
      <PushPreviews content={content} />
    </Card>
  );
}
