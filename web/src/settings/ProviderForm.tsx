import { Button, Modal, NumberInput, Select, Stack, TextInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { Failure } from '../app/Failure';
import type { Provider } from '../api/types';
import { useChange } from './useThings';

interface Props {
  path: string;
  edited: Partial<Provider> | undefined;
  onClose: () => void;
}

export function ProviderForm({ path, edited, onClose }: Props) {
  return (
    <Modal
      opened={edited !== undefined}
      onClose={onClose}
      closeButtonProps={{ 'aria-label': 'Close' }}
      title={edited?.nick_name ? `Change ${edited.nick_name}` : 'Add a provider'}
    >
      {edited && <Fields key={edited.nick_name ?? ''} path={path} edited={edited} onClose={onClose} />}
    </Modal>
  );
}

function Fields({ path, edited, onClose }: Props & { edited: Partial<Provider> }) {
  const [provider, setProvider] = useState<Partial<Provider>>(edited);
  const set = (part: Partial<Provider>) => setProvider((old) => ({ ...old, ...part }));
  const put = useChange('providers', (client, wanted: Partial<Provider>) => client.post<Provider>(path, wanted));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    put.mutate(provider, { onSuccess: onClose });
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        <TextInput
          label="Name"
          required
          disabled={edited.nick_name !== undefined}
          value={provider.nick_name ?? ''}
          onChange={(e) => set({ nick_name: e.currentTarget.value })}
        />
        <Select
          label="Kind"
          data={['webhook', 'fcm']}
          allowDeselect={false}
          value={provider.kind ?? 'webhook'}
          onChange={(kind) => set({ kind: kind as Provider['kind'] })}
        />
        <TextInput
          label="Where"
          type="url"
          description="Empty for FCM: Google’s own address"
          value={provider.url ?? ''}
          onChange={(e) => set({ url: e.currentTarget.value })}
          required={provider.kind === 'webhook'}
        />
        <NumberInput
          label="Messages a second, at most"
          description="0: as fast as it takes them"
          min={0}
          max={1_000_000}
          value={provider.max_per_second ?? 0}
          onChange={(n) => set({ max_per_second: Number(n) || 0 })}
        />
        <Failure of={put.error} />
        <Button type="submit" loading={put.isPending}>
          Save
        </Button>
      </Stack>
    </form>
  );
}
