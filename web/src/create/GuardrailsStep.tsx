import { NumberInput, SimpleGrid, Stack, Text } from '@mantine/core';
import type { Draft } from './draft';
import type { StepProps } from './step';

const numberOf = (value: string | number) => (value === '' ? undefined : Number(value));

type Key = 'canary' | 'expectAtMost' | 'errorPercent' | 'inDoubtPercent' | 'perMinute' | 'atMost';
const rails: { key: Key; label: string; says: string; max?: number; suffix?: string }[] = [
  { key: 'canary', label: 'First to so many people', says: 'Then it pauses; resuming it sends the rest' },
  { key: 'expectAtMost', label: 'At most so many are expected', says: 'Stops before it begins if more fit' },
  {
    key: 'errorPercent',
    label: 'Failures, at most',
    says: 'Stops above; judged from 100 verdicts on',
    max: 99,
    suffix: ' %',
  },
  {
    key: 'inDoubtPercent',
    label: 'In doubt, at most',
    says: 'Stops above; judged from 100 on',
    max: 99,
    suffix: ' %',
  },
  { key: 'perMinute', label: 'Messages a minute, at most', says: 'Stops when more leave than was planned' },
  { key: 'atMost', label: 'People in a run, at most', says: 'Stops when so many were served' },
];

/** What stops it without anybody watching. */
export function GuardrailsStep({ draft, change }: StepProps) {
  return (
    <Stack>
      <Text size="sm" c="dimmed">
        All may be left empty. The account’s own guardrails hold as well.
      </Text>
      <SimpleGrid cols={{ base: 1, xs: 2 }}>
        {rails.map(({ key, label, says, max, suffix }) => (
          <NumberInput
            key={key}
            label={label}
            description={says}
            min={1}
            max={max}
            suffix={suffix}
            thousandSeparator=","
            allowDecimal={false}
            value={draft[key] ?? ''}
            onChange={(n) => change({ [key]: numberOf(n) } as Partial<Draft>)}
          />
        ))}
      </SimpleGrid>
    </Stack>
  );
}
