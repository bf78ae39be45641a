import { Button, CloseButton, Group, NumberInput, Select, Stack, Text } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { channels } from '../api/types';
import { Card } from '../campaign/Card';
import { mayAdminister } from '../session/session';
import { useSession } from '../session/useSession';
import { SaveFoot } from './SaveFoot';
import { useReach, useReachPath, type FrequencyCap, type Reach } from './useReach';
import { useChange } from './useThings';

/** How often anybody is written to, and who never is so that the others can be compared with them. */
export function ReachCard() {
  const { role } = useSession();
  const { data, there } = useReach();
  if (!there) return null;
  return (
    <Card title="Caps and control group">
      <Text size="sm" c="dimmed">
        Campaigns that respect the caps leave out whoever has had as many messages. The control group gets none of
        any campaign, unless a campaign goes to them, too.
      </Text>
      {!mayAdminister(role) && <Text size="sm">An Admin sees and sets them.</Text>}
      {data && mayAdminister(role) && <Form key={JSON.stringify(data)} reach={data} />}
    </Card>
  );
}

const periods = [
  { value: 'day', label: 'a day' },
  { value: 'week', label: 'in 7 days' },
  { value: 'month', label: 'in 30 days' },
];
const most = 12;

function Form({ reach }: { reach: Reach }) {
  const path = useReachPath();
  const [caps, setCaps] = useState<FrequencyCap[]>(reach.frequency_caps ?? []);
  const [group, setGroup] = useState<string | number>(reach.system_control_group?.percentage ?? '');
  const put = useChange('reach', (client, wanted: Reach) => client.post<Reach>(path, wanted));
  const change = (at: number, part: Partial<FrequencyCap>) =>
    setCaps(caps.map((cap, i) => (i === at ? { ...cap, ...part } : cap)));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    put.mutate({
      ...(caps.length > 0 ? { frequency_caps: caps } : {}),
      ...(group === '' ? {} : { system_control_group: { percentage: Number(group) } }),
    });
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        {caps.map((cap, i) => (
          <Group key={i} gap="xs" align="end">
            <NumberInput
              label={i === 0 ? 'Messages, at most' : undefined}
              aria-label={`Cap ${i + 1}: messages, at most`}
              required
              min={1}
              max={1000}
              allowDecimal={false}
              w={150}
              value={cap.messages}
              onChange={(n) => change(i, { messages: Number(n) || 1 })}
            />
            <Select
              aria-label={`Cap ${i + 1}: in how long`}
              data={periods}
              allowDeselect={false}
              w={130}
              value={cap.per}
              onChange={(per) => change(i, { per: per as FrequencyCap['per'] })}
            />
            <Select
              aria-label={`Cap ${i + 1}: channel`}
              data={[{ value: '', label: 'of all channels' }, ...channels]}
              allowDeselect={false}
              w={160}
              value={cap.channel ?? ''}
              onChange={(channel) => change(i, { channel: channel || undefined })}
            />
            <CloseButton
              aria-label={`Remove cap ${i + 1}`}
              onClick={() => setCaps(caps.filter((_, at) => at !== i))}
            />
          </Group>
        ))}
        <Group>
          <Button
            size="xs"
            variant="default"
            disabled={caps.length >= most}
            onClick={() => setCaps([...caps, { messages: 3, per: 'day' }])}
          >
            Add a cap
          </Button>
        </Group>
        <NumberInput
          label="Control group"
          description="Of everybody; always the same people. Empty: none"
          suffix=" %"
          min={1}
          max={99}
          allowDecimal={false}
          w={260}
          maw="100%"
          value={group}
          onChange={setGroup}
        />
        <SaveFoot what="caps" put={put} />
      </Stack>
    </form>
  );
}
