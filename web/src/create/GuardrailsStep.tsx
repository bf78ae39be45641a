import { Checkbox, NumberInput, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import { useReach } from '../settings/useReach';
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
      <ReachFields draft={draft} change={change} />
    </Stack>
  );
}

/** Who of the audience gets it, where the server can tell. */
function ReachFields({ draft, change }: Pick<StepProps, 'draft' | 'change'>) {
  const { there } = useReach();
  if (!there) return null;
  return (
    <Stack gap="sm">
      <Title order={3} size="h5">
        Who of them gets it
      </Title>
      <SimpleGrid cols={{ base: 1, xs: 2 }}>
        <NumberInput
          label="Control group"
          description="Kept out, chosen by lot, so that it shows what the campaign changes"
          min={1}
          max={99}
          suffix=" %"
          allowDecimal={false}
          value={draft.controlPercent ?? ''}
          onChange={(n) => change({ controlPercent: numberOf(n) })}
        />
        <NumberInput
          label="People over all runs, at most"
          description="Then nobody else gets it"
          min={1}
          thousandSeparator=","
          allowDecimal={false}
          value={draft.limit ?? ''}
          onChange={(n) => change({ limit: numberOf(n) })}
        />
      </SimpleGrid>
      <Checkbox
        label="Leave out whoever has had enough"
        description="By the account’s caps on messages"
        checked={draft.respectCaps}
        onChange={(e) => change({ respectCaps: e.currentTarget.checked })}
      />
      <Checkbox
        label="Also to the account’s control group"
        description="For what everybody must get"
        checked={draft.includeControl}
        onChange={(e) => change({ includeControl: e.currentTarget.checked })}
      />
    </Stack>
  );
}
