import { Button, Modal, Select, Stack, Text, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useState, type FormEvent } from 'react';
import { roleSays, type Role } from '../session/session';
import { roles, type User } from './UsersPage';
import { useChange } from './useThings';

export function AddUser({ onAdded }: { onAdded: (user: User) => void }) {
  const [opened, { open, close }] = useDisclosure();
  const [name, setName] = useState('');
  const [role, setRole] = useState<Role>('member');
  const add = useChange('users', (client, wanted: { name: string; role: Role }) =>
    client.post<User>('/api/v1/users', wanted),
  );
  const submit = (event: FormEvent) => {
    event.preventDefault();
    add.mutate(
      { name: name.trim(), role },
      {
        onSuccess: (user) => {
          close();
          setName('');
          onAdded(user);
        },
      },
    );
  };
  return (
    <>
      <Button onClick={open}>Add a user</Button>
      <Modal opened={opened} onClose={close} title="Add a user" closeButtonProps={{ 'aria-label': 'Close' }}>
        <form onSubmit={submit}>
          <Stack>
            <TextInput
              label="Name"
              required
              data-autofocus
              autoCapitalize="off"
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
              error={add.error?.message}
            />
            <Select
              label="Role"
              data={roles}
              value={role}
              allowDeselect={false}
              onChange={(r) => setRole(r as Role)}
            />
            <Text size="sm" c="dimmed">
              {roleSays[role]}
            </Text>
            <Button type="submit" loading={add.isPending}>
              Add, and show the link
            </Button>
          </Stack>
        </form>
      </Modal>
    </>
  );
}
