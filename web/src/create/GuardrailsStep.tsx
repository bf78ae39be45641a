import { NumberInput, Stack, Text } from '@mantine/core';
import { When } from '../campaign/When';
import type { StepProps } from './step';

const numberOf = (value: string | number) => (value === '' ? undefined : Number(value));

/** When, and what stops it without anybody watching. */
export function GuardrailsStep({ draft, change, problems }: StepProps) {
  return (
    <Stack>
      <When value={draft.when} onChange={(when) => change({ when })} />
      {problems.when && (
        <Text size="sm" c="var(--mantine-color-error)" role="alert">
          {problems.when}
        </Text>
      )}
      <NumberInput
        label="First to so many people, then pause"
        description="A canary: resuming it sends the rest"
        min={1}
        value={draft.canary ?? ''}
        onChange={(n) => change({ canary: numberOf(n) })}
      />
      <NumberInput
        label="Stop when more than so many percent fail"
        description="Judged from 100 verdicts on"
        min={1}
        max={99}
        value={draft.errorPercent ?? ''}
        onChange={(n) => change({ errorPercent: numberOf(n) })}
      />
      <NumberInput
        label="Stop before it begins if more people match than"
        min={1}
        value={draft.expectAtMost ?? ''}
        onChange={(n) => change({ expectAtMost: numberOf(n) })}
      />
    </Stack>
  );
}
