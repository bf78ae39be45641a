import {
  Checkbox,
  Chip,
  Group,
  List,
  NumberInput,
  Radio,
  SegmentedControl,
  Stack,
  Text,
  TextInput,
} from '@mantine/core';
import { Failure } from '../app/Failure';
import { ApiError } from '../api/client';
import { useSession } from '../session/useSession';
import { count } from '../words/numbers';
import { reasonInWords } from '../words/reasons';
import { inZone, zoneName } from '../words/times';
import { rhythmInWords, runsOf, scheduleProblem, weekdayNames, type Schedule, type ScheduleKind } from './schedule';
import { HoursFields } from './HoursFields';
import type { StepProps } from './step';
import { useDepartures } from './useDepartures';

const previewed = 5;

/** Now, later, or again and again; never by default. */
export function ScheduleStep({ draft, change, problems }: StepProps) {
  const { timezone } = useSession();
  const { schedule } = draft;
  const there = useHoursThere(draft);
  const set = (part: Partial<Schedule>) => change({ schedule: { ...schedule, ...part } });
  return (
    <Stack>
      <Radio.Group
        label={`In the account’s zone${timezone ? `, ${zoneName(timezone)}` : ''}`}
        value={schedule.kind ?? ''}
        onChange={(kind) => set({ kind: kind as ScheduleKind })}
      >
        <Stack gap={8} mt={8}>
          <Radio value="now" label="Now" description="As soon as it is created" />
          <Radio value="later" label="Later" description="Once, at a day and time" />
          <Radio value="recurring" label="Again and again" description="Each run has an audience of its own" />
        </Stack>
      </Radio.Group>
      {(schedule.kind === 'later' || schedule.kind === 'recurring') && (
        <TextInput
          type="datetime-local"
          label={schedule.kind === 'later' ? 'Day and time' : 'First run, not before'}
          required
          w={240}
          maw="100%"
          value={schedule.at}
          onChange={(e) => set({ at: e.currentTarget.value })}
        />
      )}
      {there && (schedule.kind === 'later' || schedule.kind === 'recurring') && (
        <Stack gap="xs">
          <Checkbox
            label="At this time where each person is"
            description="Those whose zone is not known are in the account’s"
            checked={schedule.theirs}
            onChange={(e) => set({ theirs: e.currentTarget.checked })}
          />
          {schedule.theirs && (
            <Checkbox
              ms="lg"
              label="A day later where that time has passed"
              description="Otherwise they are left out"
              checked={schedule.nextDay}
              onChange={(e) => set({ nextDay: e.currentTarget.checked })}
            />
          )}
        </Stack>
      )}
      {schedule.kind === 'recurring' && <Rhythm schedule={schedule} set={set} />}
      {schedule.kind && there && <HoursFields schedule={schedule} set={set} />}
      {problems.when && (
        <Text size="sm" c="var(--mantine-color-error)" role="alert">
          {problems.when}
        </Text>
      )}
      <Runs schedule={schedule} />
      <Departures draft={draft} />
    </Stack>
  );
}

interface RhythmProps {
  schedule: Schedule;
  set: (part: Partial<Schedule>) => void;
}

function Rhythm({ schedule, set }: RhythmProps) {
  return (
    <>
      <Group gap="xs" align="end">
        <NumberInput
          label="Every"
          w={90}
          min={1}
          max={365}
          allowDecimal={false}
          value={schedule.every}
          onChange={(n) => set({ every: Number(n) || 0 })}
        />
        <SegmentedControl
          aria-label="Days or weeks"
          data={[
            { value: 'day', label: schedule.every === 1 ? 'day' : 'days' },
            { value: 'week', label: schedule.every === 1 ? 'week' : 'weeks' },
          ]}
          value={schedule.unit}
          onChange={(unit) => set({ unit: unit as Schedule['unit'] })}
        />
      </Group>
      {schedule.unit === 'week' && (
        <Chip.Group
          multiple
          value={schedule.weekdays.map(String)}
          onChange={(days) => set({ weekdays: days.map(Number) })}
        >
          <Group gap={6} role="group" aria-label="Days of the week">
            {weekdayNames.map((name, i) => (
              <Chip key={name} size="sm" value={String(i + 1)}>
                {name}
              </Chip>
            ))}
          </Group>
        </Chip.Group>
      )}
      <Group gap="xs" align="end">
        <Stack gap={4}>
          <Text size="sm" fw={500}>
            Ends
          </Text>
          <SegmentedControl
            aria-label="Ends"
            data={[
              { value: 'never', label: 'when stopped' },
              { value: 'times', label: 'after' },
              { value: 'date', label: 'on' },
            ]}
            value={schedule.end}
            onChange={(end) => set({ end: end as Schedule['end'] })}
          />
        </Stack>
        {schedule.end === 'times' && (
          <NumberInput
            aria-label="How many runs"
            w={120}
            min={1}
            allowDecimal={false}
            suffix={schedule.times === 1 ? ' run' : ' runs'}
            value={schedule.times}
            onChange={(n) => set({ times: Number(n) || 0 })}
          />
        )}
        {schedule.end === 'date' && (
          <TextInput
            type="date"
            aria-label="Last day"
            value={schedule.lastDay}
            onChange={(e) => set({ lastDay: e.currentTarget.value })}
          />
        )}
      </Group>
    </>
  );
}

function Runs({ schedule }: { schedule: Schedule }) {
  if (schedule.kind !== 'recurring' || scheduleProblem(schedule)) return null;
  const runs = runsOf(schedule, previewed + 1);
  return (
    <Stack gap={4} data-testid="runs">
      <Text size="sm" fw={600}>
        It runs {rhythmInWords(schedule)}
      </Text>
      <List size="sm" className="numbers">
        {runs.slice(0, previewed).map((run) => (
          // A local time, written as it is: no zone moves it.
          <List.Item key={run}>{inZone(`${run}Z`, 'UTC')}</List.Item>
        ))}
      </List>
      {runs.length > previewed && (
        <Text size="sm" c="dimmed">
          and so on
        </Text>
      )}
    </Stack>
  );
}

/** Whether this server knows of hours and of everybody's own time: one that counts no departures does not. */
function useHoursThere(draft: StepProps['draft']): boolean {
  const { error } = useDepartures(draft);
  return !(error instanceof ApiError && error.status === 404);
}

const mostWaves = 8;

/** What the server says to it: how many leave when, and who is left out. */
function Departures({ draft }: Pick<StepProps, 'draft'>) {
  const { data, error } = useDepartures(draft);
  // A server that counts no departures shows none.
  if (error instanceof ApiError && error.status === 404) return null;
  if (error) return <Failure of={error} />;
  if (!data) return null;
  const leftOut = Object.entries(data.left_out).filter(([, n]) => n > 0);
  const waves = draft.schedule.theirs ? data.waves : [];
  if (waves.length === 0 && leftOut.length === 0 && !data.in_words) return null;
  const about = data.approximate ? 'about ' : '';
  return (
    <Stack gap={4} data-testid="departures">
      {data.in_words && (
        <Text size="sm" className="breakable">
          {data.in_words}
        </Text>
      )}
      {waves.length > 0 && (
        <Text size="sm" fw={600}>
          The first run, by where they are
        </Text>
      )}
      <List size="sm" className="numbers">
        {waves.slice(0, mostWaves).map((wave) => (
          <List.Item key={wave.timezone}>
            {about}
            {count(wave.recipients)} at {wave.in_words}
          </List.Item>
        ))}
        {leftOut.map(([reason, n]) => (
          <List.Item key={reason}>
            {about}
            {count(n)} left out: {reasonInWords(reason)}
          </List.Item>
        ))}
      </List>
      {waves.length > mostWaves && (
        <Text size="sm" c="dimmed">
          and {count(waves.length - mostWaves)} zones more
        </Text>
      )}
    </Stack>
  );
}
