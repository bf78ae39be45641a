import { List, Text } from '@mantine/core';
import type { Campaign } from '../api/types';
import { count } from '../words/numbers';
import { reasonInWords } from '../words/reasons';
import { Card } from './Card';

const most = 12;

/** Who leaves when, by where they are; of a campaign that goes by everybody's own clock. */
export function WavesCard({ campaign }: { campaign: Campaign }) {
  const waves = campaign.waves ?? [];
  if (waves.length === 0) return null;
  return (
    <Card title="By where they are">
      <List size="sm" className="numbers" data-testid="waves">
        {waves.slice(0, most).map((wave) => (
          <List.Item key={`${wave.timezone} ${wave.in_words}`}>
            {wave.left_out
              ? `${count(wave.recipients ?? 0)} left out, ${wave.timezone}: ${reasonInWords(wave.left_out)}`
              : `${count(wave.admitted ?? 0)} of ${count(wave.recipients ?? 0)} at ${wave.in_words}`}
          </List.Item>
        ))}
      </List>
      {waves.length > most && (
        <Text size="sm" c="dimmed">
          and {count(waves.length - most)} more
        </Text>
      )}
    </Card>
  );
}
