import { Button, Group, NumberInput, Text } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { Card } from '../campaign/Card';
import { mayAdminister } from '../session/session';
import { useSession } from '../session/useSession';
import { count } from '../words/numbers';
import { usePutSettings, useSettings } from './useSettings';

/** From how many people on somebody types their number before a campaign starts. */
export function ConfirmCard() {
  const { role } = useSession();
  const settings = useSettings();
  const put = usePutSettings();
  const [typed, setTyped] = useState<string | number>();
  const now = settings.data?.confirm_from;
  const value = typed ?? now ?? '';
  const submit = (event: FormEvent) => {
    event.preventDefault();
    put.mutate({ confirm_from: Number(value) }, { onSuccess: () => setTyped(undefined) });
  };
  return (
    <Card title="Before many are sent to">
      {settings.error && (
        <Text size="sm" role="alert" c="var(--mantine-color-error)">
          {settings.error.message}
        </Text>
      )}
      <Text size="sm" data-testid="confirm-from">
        From {now === undefined ? '…' : count(now)} people on, whoever starts a campaign types their number first.
      </Text>
      {mayAdminister(role) && (
        <form onSubmit={submit}>
          <Group align="end" gap="xs">
            <NumberInput
              label="From so many people on"
              required
              min={1}
              max={1_000_000_000}
              thousandSeparator=","
              allowDecimal={false}
              w={200}
              value={value}
              onChange={setTyped}
              error={put.error?.message}
            />
            <Button type="submit" variant="default" loading={put.isPending} disabled={Number(value) === now}>
              Save
            </Button>
          </Group>
        </form>
      )}
    </Card>
  );
}
