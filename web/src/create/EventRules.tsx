import { Autocomplete, Button, CloseButton, Group, Select, Stack, TextInput } from '@mantine/core';
import { useSession } from '../session/useSession';
import { dayIn, viewerZone } from '../words/times';
import type { EventRule } from './audience';
import { useProperties } from './useEstimate';

interface Props {
  events: EventRule[];
  onChange: (events: EventRule[]) => void;
}

// Days are the account's: it may be tomorrow there.
const dayAgo = (days: number, zone: string) => dayIn(zone, new Date(Date.now() - days * 86_400_000));
const fresh = (zone: string): EventRule => ({
  name: '',
  did: true,
  times: '',
  from: dayAgo(30, zone),
  to: dayAgo(0, zone),
});

/** What people must have done, or not done: the account's own events. */
export function EventRules({ events, onChange }: Props) {
  const { data } = useProperties();
  const { timezone } = useSession();
  const change = (at: number, part: Partial<EventRule>) =>
    onChange(events.map((event, i) => (i === at ? { ...event, ...part } : event)));
  return (
    <Stack gap="xs">
      {events.map((event, i) => (
        <Group key={i} gap="xs" align="end">
          <Select
            label={i === 0 ? 'They' : undefined}
            aria-label={`They did ${i + 1}`}
            w={110}
            data={[
              { value: 'did', label: 'did' },
              { value: 'not', label: 'did not' },
            ]}
            allowDeselect={false}
            value={event.did ? 'did' : 'not'}
            onChange={(did) => change(i, { did: did === 'did' })}
          />
          <Autocomplete
            label={i === 0 ? 'Event' : undefined}
            aria-label={`Event ${i + 1}`}
            flex="1 1 140px"
            data={data?.events}
            value={event.name}
            onChange={(name) => change(i, { name })}
          />
          {event.did && (
            <TextInput
              label={i === 0 ? 'Times, at least' : undefined}
              aria-label={`Times ${i + 1}, at least`}
              w={110}
              inputMode="numeric"
              placeholder="1"
              value={event.times}
              onChange={(e) => change(i, { times: e.currentTarget.value.trim() })}
            />
          )}
          <TextInput
            type="date"
            label={i === 0 ? 'From' : undefined}
            aria-label={`From ${i + 1}`}
            w={150}
            value={event.from}
            onChange={(e) => change(i, { from: e.currentTarget.value })}
          />
          <TextInput
            type="date"
            label={i === 0 ? 'To' : undefined}
            aria-label={`To ${i + 1}`}
            w={150}
            value={event.to}
            onChange={(e) => change(i, { to: e.currentTarget.value })}
          />
          <CloseButton
            aria-label={`Remove event ${i + 1}`}
            onClick={() => onChange(events.filter((_, at) => at !== i))}
          />
        </Group>
      ))}
      <Group>
        <Button size="xs" variant="default" onClick={() => onChange([...events, fresh(timezone ?? viewerZone())])}>
          Who did…
        </Button>
      </Group>
    </Stack>
  );
}
