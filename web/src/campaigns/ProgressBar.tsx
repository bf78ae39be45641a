import { Group, Progress, Text } from '@mantine/core';
import type { Counts } from '../api/types';
import { count, percent } from '../words/numbers';
import classes from './ProgressBar.module.css';
import { inWords, partsOf } from './progress';

/** The audience as one bar, cut into what became of it. The words are for who can't see it. */
export function ProgressBar({ counts, size = 10 }: { counts: Counts; size?: number }) {
  return (
    <Progress.Root size={size} role="img" aria-label={inWords(counts)}>
      {partsOf(counts)
        .filter((p) => p.part !== 'pending')
        .map((p) => (
          <Progress.Section
            key={p.part}
            withAria={false}
            value={(100 * p.n) / counts.audience}
            color={`${p.color}.6`}
            className={p.part === 'withheld' ? classes.withheld : undefined}
          />
        ))}
    </Progress.Root>
  );
}

/** The same as figures, those that are not 0. */
export function Legend({ counts, shares = false }: { counts: Counts; shares?: boolean }) {
  return (
    <Group gap="4px 12px" className="numbers">
      {partsOf(counts).map((p) => (
        <Text key={p.part} size="xs" component="span" className={classes.entry}>
          <span className={classes.dot} style={{ background: `var(--mantine-color-${p.color}-6)` }} />
          {count(p.n)} {p.label}
          {shares && ` (${percent(p.n, counts.audience)})`}
        </Text>
      ))}
    </Group>
  );
}
