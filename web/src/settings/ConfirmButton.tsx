import { Button, Popover, Stack, Text } from '@mantine/core';
import { useState } from 'react';

interface Props {
  label: string;
  /** What happens then. */
  says: string;
  /** For a screen reader: which one. */
  of: string;
  loading?: boolean;
  error?: Error | null;
  onConfirmed: () => void;
}

/** A button that asks once more, beside itself. */
export function ConfirmButton({ label, says, of, loading, error, onConfirmed }: Props) {
  const [opened, setOpened] = useState(false);
  return (
    <Popover opened={opened} onChange={setOpened} width={260} position="bottom-end" withArrow trapFocus shadow="md">
      <Popover.Target>
        <Button
          size="xs"
          variant="default"
          aria-label={`${label} ${of}`.trim()}
          onClick={() => setOpened((o) => !o)}
        >
          {label}
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <Stack gap="xs">
          <Text size="sm">{says}</Text>
          {error && (
            <Text size="sm" c="red" role="alert">
              {error.message}
            </Text>
          )}
          <Button size="xs" color="red.9" loading={loading} onClick={onConfirmed}>
            {label}
          </Button>
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}
