import { Button, Group, PasswordInput, SegmentedControl, Stack, Text, useMantineColorScheme } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { Failure } from '../app/Failure';
import { useClient } from '../api/Server';
import { Card } from '../campaign/Card';
import { leastPassword } from '../session/link';
import { roleSays, sessionKey, type Session } from '../session/session';
import { useSession, useSignOut } from '../session/useSession';
import { ConfirmButton } from './ConfirmButton';

const schemes = [
  { value: 'auto', label: 'As the system' },
  { value: 'light', label: 'Light' },
  { value: 'dark', label: 'Dark' },
];

/** Who is signed in: colours, password, and leaving every browser. */
export function YouCard() {
  const session = useSession();
  const signOut = useSignOut();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <Card title="You">
      <Text size="sm" className="breakable">
        {session.user}: {roleSays[session.role]}.
      </Text>
      <Stack gap={4}>
        <Text size="sm" fw={500}>
          Colours
        </Text>
        <SegmentedControl
          aria-label="Colours"
          w="fit-content"
          data={schemes}
          value={colorScheme}
          onChange={(scheme) => setColorScheme(scheme as typeof colorScheme)}
        />
      </Stack>
      {!session.demo && <Password />}
      <Group justify="space-between" align="center">
        <Text size="sm">Ends every session of yours, in this and in all other browsers.</Text>
        <ConfirmButton
          label="Sign out everywhere"
          of=""
          says="You sign in again with your password."
          loading={signOut.isPending}
          onConfirmed={() => signOut.mutate('everywhere')}
        />
      </Group>
    </Card>
  );
}

function Password() {
  const client = useClient();
  const queries = useQueryClient();
  const [password, setPassword] = useState('');
  const [wanted, setWanted] = useState('');
  const change = useMutation({
    mutationFn: () => client.post<Session>('/api/v1/session/password', { password, new_password: wanted }),
    onSuccess: (session) => {
      queries.setQueryData(sessionKey, session);
      setPassword('');
      setWanted('');
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    change.mutate();
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="xs">
        <Group align="end" gap="xs">
          <PasswordInput
            label="Present password"
            required
            autoComplete="current-password"
            flex="1 1 180px"
            value={password}
            onChange={(e) => setPassword(e.currentTarget.value)}
          />
          <PasswordInput
            label={`New password, at least ${leastPassword} characters`}
            required
            minLength={leastPassword}
            autoComplete="new-password"
            flex="1 1 180px"
            value={wanted}
            onChange={(e) => setWanted(e.currentTarget.value)}
          />
          <Button type="submit" variant="default" loading={change.isPending}>
            Change it
          </Button>
        </Group>
        <Failure of={change.error} />
        <Text size="sm" role="status" c="dimmed">
          {change.isSuccess ? 'Changed. Every other session of yours has ended.' : ''}
        </Text>
      </Stack>
    </form>
  );
}
