import { Autocomplete, Button, CloseButton, Group, Select, Stack, TextInput } from '@mantine/core';
import { emptyRule, needsValue, operators, type Rule } from './audience';
import { useProperties } from './useEstimate';

interface Props {
  rules: Rule[];
  onChange: (rules: Rule[]) => void;
}

/** What people must be: the account's own properties. */
export function PropertyRules({ rules, onChange }: Props) {
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
            <CloseButton
              aria-label={`Remove rule ${i + 1}`}
              onClick={() => onChange(rules.filter((_, at) => at !== i))}
            />
          </Group>
        );
      })}
      <Group>
        <Button size="xs" variant="default" onClick={() => onChange([...rules, emptyRule])}>
          Who are…
        </Button>
      </Group>
    </Stack>
  );
}
