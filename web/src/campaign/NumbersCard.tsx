import { SimpleGrid, Stack, Text } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import type { Counts } from '../api/types';
import { inWords, pace, parts, partOf, timeLeft, withSample, type Sample } from '../campaigns/progress';
import { ProgressBar } from '../campaigns/ProgressBar';
import { isLive } from '../campaigns/states';
import { count, percent, rate } from '../words/numbers';
import { NumberTile } from '../words/NumberTile';
import { reasonInWords } from '../words/reasons';
import { span } from '../words/times';
import { Card } from './Card';
import type { Campaign } from '../api/types';

/** What became of everybody in the audience, as it stands. */
export function NumbersCard({ campaign }: { campaign: Campaign }) {
  const { counts } = campaign;
  const perSecond = usePace(counts);
  if (!counts) {
    return (
      <Card title="Numbers">
        <Text c="dimmed">Its audience is worked out when it begins; until then there is nobody to count.</Text>
      </Card>
    );
  }
  const left = isLive(campaign.state) ? timeLeft(counts.pending, perSecond) : undefined;
  return (
    <Card title="Numbers">
      <Text className="numbers" size="lg">
        <b data-testid="sent">{count(counts.handed_over)}</b> of {count(counts.audience)} sent
        {isLive(campaign.state) && perSecond !== undefined && ` · ${rate(perSecond)}`}
        {left !== undefined && ` · ${span(left)} left`}
      </Text>
      <ProgressBar counts={counts} size={16} />
      <SimpleGrid cols={{ base: 2, xs: 3, md: 4 }} spacing="xs">
        {parts.map(({ part, label }) => {
          const n = partOf(counts, part);
          return (
            <NumberTile
              key={part}
              n={n}
              label={`${label} · ${percent(n, counts.audience)}`}
              testid={`count-${part}`}
            />
          );
        })}
      </SimpleGrid>
      <Skipped skipped={counts.skipped} />
      <Spoken text={inWords(counts)} />
    </Card>
  );
}

function Skipped({ skipped }: { skipped: Counts['skipped'] }) {
  const reasons = Object.entries(skipped);
  if (reasons.length === 0) return null;
  return (
    <Stack gap={0}>
      {reasons.map(([reason, n]) => (
        <Text key={reason} size="sm">
          Skipped, {reasonInWords(reason)}: {count(n)}
        </Text>
      ))}
    </Stack>
  );
}

function usePace(counts: Counts | null | undefined): number | undefined {
  const samples = useRef<Sample[]>([]);
  if (counts) samples.current = withSample(samples.current, { at: Date.now(), done: counts.handed_over });
  return pace(samples.current);
}

const sayEvery = 10_000;

/** Progress for a screen reader: politely, and not at every change. */
function Spoken({ text }: { text: string }) {
  const latest = useRef(text);
  latest.current = text;
  const [said, setSaid] = useState('');
  useEffect(() => {
    const timer = setInterval(() => setSaid(latest.current), sayEvery);
    return () => clearInterval(timer);
  }, []);
  return (
    <span className="visually-hidden" aria-live="polite">
      {said}
    </span>
  );
}
