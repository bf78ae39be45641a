import {
  Alert,
  Autocomplete,
  Button,
  Chip,
  CloseButton,
  Group,
  JsonInput,
  SegmentedControl,
  Select,
  Stack,
  Text,
  TextInput,
} from '@mantine/core';
import { count } from '../words/numbers';
import { needsValue, operators, type AudienceMode, type Rule } from './draft';
import type { StepProps } from './step';
import { useEstimate, useProperties } from './useEstimate';

export function AudienceStep({ draft, change, problems }: StepProps) {
  return (
    <Stack>
      <SegmentedControl
        aria-label="Audience"
        w="fit-content"
        data={[
          { value: 'rules', label: 'Who fits' },
          { value: 'everybody', label: 'Everybody' },
          { value: 'json', label: 'JSON' },
        ]}
        value={draft.audience}
        onChange={(audience) => change({ audience: audience as AudienceMode })}
      />
      {draft.audience === 'rules' && <Rules rules={draft.rules} onChange={(rules) => change({ rules })} />}
      {draft.audience === 'json' && (
        <JsonInput
          label="where, as in create.json"
          autosize
          minRows={6}
          value={draft.json}
          onChange={(json) => change({ json })}
        />
      )}
      {draft.channel === 'push' && (
        <Chip.Group multiple value={draft.devices} onChange={(devices) => change({ devices })}>
          <Group gap="xs" role="group" aria-label="Devices">
            <Text size="sm">Only on:</Text>
            {['android', 'ios', 'web', 'windows'].map((d) => (
              <Chip key={d} size="xs" value={d}>
                {d}
              </Chip>
            ))}
          </Group>
        </Chip.Group>
      )}
      {problems.audience && (
        <Text size="sm" c="var(--mantine-color-error)" role="alert">
          {problems.audience}
        </Text>
      )}
      <EstimateView draft={draft} />
    </Stack>
  );
}

function EstimateView({ draft }: Pick<StepProps, 'draft'>) {
  const estimate = useEstimate(draft);
  if (estimate.error)
    return (
      <Alert color="red" variant="light" role="alert">
        {estimate.error.message}
      </Alert>
    );
  if (!estimate.data) return null;
  return (
    <Alert variant="light" role="status">
      <Text fw={600} className="numbers" data-testid="estimate">
        {count(estimate.data.recipients)} people now
      </Text>
      <Text size="sm" className="breakable" dir="auto">
        {estimate.data.in_words}
      </Text>
    </Alert>
  );
}

function Rules({ rules, onChange }: { rules: Rule[]; onChange: (rules: Rule[]) => void }) {
  const { data } = useProperties();
  const change = (at: number, part: Partial<Rule>) =>
    onChange(rules.map((rule, i) => (i === at ? { ...rule, ...part } : rule)));
  return (
    <Stack gap="xs">
      {rules.map((rule, i) => {
        const known = data?.properties.find((p) => p.name === rule.name);
        return (
          <Group key={i} gap="xs" align="end">
            <Autocomplete
              label={i === 0 ? 'Property' : undefined}
              aria-label={`Property ${i + 1}`}
              flex="1 1 140px"
              data={data?.properties.map((p) => p.name)}
              value={rule.name}
              onChange={(name) => change(i, { name })}
            />
            <Select
              label={i === 0 ? 'How' : undefined}
              aria-label={`Operator ${i + 1}`}
              w={160}
              data={operators}
              allowDeselect={false}
              value={rule.operator}
              onChange={(operator) => change(i, { operator: operator ?? 'equals' })}
            />
            {needsValue(rule.operator) && (
              <TextInput
                label={i === 0 ? 'Value' : undefined}
                aria-label={`Value ${i + 1}`}
                flex="1 1 140px"
                placeholder={known?.examples.join(', ')}
                value={rule.value}
                onChange={(e) => change(i, { value: e.currentTarget.value })}
              />
            )}
            {rules.length > 1 && (
              <CloseButton
                aria-label={`Remove rule ${i + 1}`}
                onClick={() => onChange(rules.filter((_, at) => at !== i))}
              />
            )}
          </Group>
        );
      })}
      <Group>
        <Button
          size="xs"
          variant="default"
          onClick={() => onChange([...rules, { name: '', operator: 'equals', value: '' }])}
        >
          And…
        </Button>
        <Text size="xs" c="dimmed">
          All rules must hold; commas in a value mean any of them.
        </Text>
      </Group>
    </Stack>
  );
}
