import { Button, Checkbox, Group, Modal, Stack, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useState, type FormEvent } from 'react';
import { Failure } from '../app/Failure';
import type { Webhook } from '../api/types';
import type { Secret } from './SecretOnce';
import { useChange } from './useThings';

const kinds = [
  { value: 'stop', label: 'stops' },
  { value: 'settled', label: 'settled receipts' },
  { value: 'state', label: 'other changes of state' },
];

/** Beside another one of the same address, or the first. */
export const secretOf = (made: { secret: string }, another = false): Secret => ({
  title: 'The webhook’s secret',
  says:
    'It signs what is sent, so that the receiver knows who it is from.' +
    (another ? ' The address is told twice, signed with each secret, until you remove the older webhook.' : ''),
  text: made.secret,
});

export function AddWebhook({ onAdded }: { onAdded: (secret: Secret) => void }) {
  const [opened, { open, close }] = useDisclosure();
  const [url, setUrl] = useState('');
  const [of, setOf] = useState(kinds.map((k) => k.value));
  const add = useChange('webhooks', (client, wanted: { url: string; kinds: string[] }) =>
    client.post<Webhook & { secret: string }>('/api/v1/webhooks', wanted),
  );
  const submit = (event: FormEvent) => {
    event.preventDefault();
    add.mutate(
      { url, kinds: of },
      {
        onSuccess: (made) => {
          close();
          setUrl('');
          onAdded(secretOf(made));
        },
      },
    );
  };
  return (
    <>
      <Button onClick={open}>Add a webhook</Button>
      <Modal opened={opened} onClose={close} title="Add a webhook" closeButtonProps={{ 'aria-label': 'Close' }}>
        <form onSubmit={submit}>
          <Stack>
            <TextInput
              label="Where"
              type="url"
              required
              data-autofocus
              value={url}
              onChange={(e) => setUrl(e.currentTarget.value)}
            />
            <Checkbox.Group label="Of what" value={of} onChange={setOf}>
              <Group mt={6}>
                {kinds.map((k) => (
                  <Checkbox key={k.value} {...k} />
                ))}
              </Group>
            </Checkbox.Group>
            <Failure of={add.error} />
            <Button type="submit" loading={add.isPending} disabled={of.length === 0}>
              Add, and show its secret
            </Button>
          </Stack>
        </form>
      </Modal>
    </>
  );
}
