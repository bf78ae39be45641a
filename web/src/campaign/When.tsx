import { Radio, Stack, TextInput } from '@mantine/core';
import { useSession } from '../session/useSession';
import { zoneName } from '../words/times';

interface Props {
  /** '' is now; otherwise as the field of the browser has it: 2026-11-24T09:30 */
  value: string | undefined;
  onChange: (value: string | undefined) => void;
}

/** Now, or a time in the account's zone. */
export function When({ value, onChange }: Props) {
  const { timezone } = useSession();
  const later = value !== undefined;
  return (
    <Stack gap="xs">
      <Radio.Group
        label="When"
        value={later ? 'later' : 'now'}
        onChange={(v) => onChange(v === 'later' ? '' : undefined)}
      >
        <Stack gap={6} mt={6}>
          <Radio value="now" label="Now" />
          <Radio
            value="later"
            label={`Later${timezone ? `, in the account’s zone (${zoneName(timezone)})` : ''}`}
          />
        </Stack>
      </Radio.Group>
      {later && (
        <TextInput
          type="datetime-local"
          label="Time"
          required
          value={value}
          onChange={(e) => onChange(e.currentTarget.value)}
        />
      )}
    </Stack>
  );
}
