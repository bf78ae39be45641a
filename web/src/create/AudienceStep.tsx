import { Alert, Chip, Group, JsonInput, SegmentedControl, Stack, Text } from '@mantine/core';
import { Failure } from '../app/Failure';
import { count } from '../words/numbers';
import type { AudienceMode } from './audience';
import { EventRules } from './EventRules';
import { PartsView } from './PartsView';
import { PropertyRules } from './PropertyRules';
import type { StepProps } from './step';
import { useEstimate } from './useEstimate';

const devices = ['android', 'ios', 'web', 'windows'];

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
      {draft.audience === 'rules' && (
        <>
          <PropertyRules rules={draft.rules} onChange={(rules) => change({ rules })} />
          <EventRules events={draft.events} onChange={(events) => change({ events })} />
          <Text size="xs" c="dimmed">
            All of it must hold; commas in a value mean any of them.
          </Text>
        </>
      )}
      {draft.audience === 'json' && (
        <JsonInput
          label="where, as in create.json"
          autosize
          minRows={6}
          maxRows={24}
          value={draft.json}
          onChange={(json) => change({ json })}
        />
      )}
      {draft.channel === 'push' && (
        <Chip.Group multiple value={draft.devices} onChange={(chosen) => change({ devices: chosen })}>
          <Group gap="xs" role="group" aria-label="Devices">
            <Text size="sm">Only on:</Text>
            {devices.map((d) => (
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
  if (estimate.error) return <Failure of={estimate.error} />;
  if (!estimate.data) return null;
  return (
    <Alert variant="light" role="status">
      <Text fw={600} className="numbers" data-testid="estimate">
        {count(estimate.data.recipients)} people now
      </Text>
      <Text size="sm" className="breakable" dir="auto">
        {estimate.data.in_words}
      </Text>
      <PartsView draft={draft} />
    </Alert>
  );
}
