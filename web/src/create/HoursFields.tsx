import { Collapse, Group, Radio, Stack, Text, TextInput, UnstyledButton } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { CaretDownIcon, CaretRightIcon } from '@radix-ui/react-icons';
import type { Schedule } from './schedule';

interface Props {
  schedule: Schedule;
  set: (part: Partial<Schedule>) => void;
}

/** Until when on a day it may leave, and between which hours nothing does. */
export function HoursFields({ schedule, set }: Props) {
  const [open, { toggle }] = useDisclosure(schedule.cutOff !== '' || schedule.quietFrom !== '');
  const clock = schedule.theirs ? 'where each person is' : 'in the account’s zone';
  return (
    <Stack gap="xs">
      <UnstyledButton onClick={toggle} aria-expanded={open}>
        <Group gap={4}>
          {open ? <CaretDownIcon /> : <CaretRightIcon />}
          <Text size="sm">Cut-off and quiet hours</Text>
        </Group>
      </UnstyledButton>
      <Collapse in={open}>
        <Stack gap="sm">
          <TextInput
            type="time"
            label="Cut-off"
            description={`Nothing leaves after it on that day, ${clock}; who is left then gets nothing`}
            w={260}
            maw="100%"
            value={schedule.cutOff}
            onChange={(e) => set({ cutOff: e.currentTarget.value })}
          />
          <Group gap="xs" align="end">
            <TextInput
              type="time"
              label="Quiet from"
              w={130}
              value={schedule.quietFrom}
              onChange={(e) => set({ quietFrom: e.currentTarget.value })}
            />
            <TextInput
              type="time"
              label="to"
              aria-label="Quiet to"
              w={130}
              value={schedule.quietTo}
              onChange={(e) => set({ quietTo: e.currentTarget.value })}
            />
            <Text size="xs" c="dimmed" pb={8}>
              every day, {clock}
            </Text>
          </Group>
          {schedule.quietFrom && (
            <Radio.Group
              label="What falls into them"
              value={schedule.quietThen}
              onChange={(then) => set({ quietThen: then as Schedule['quietThen'] })}
            >
              <Group mt={6}>
                <Radio value="delay" label="waits until they end" />
                <Radio value="discard" label="is left out" />
              </Group>
            </Radio.Group>
          )}
        </Stack>
      </Collapse>
    </Stack>
  );
}
