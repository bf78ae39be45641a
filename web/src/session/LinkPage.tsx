import { Button, PasswordInput, Stack, Text, TextInput, Title } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { useNavigate } from 'react-router-dom';
import { Failure } from '../app/Failure';
import { useClient } from '../api/Server';
import { Entrance } from './Entrance';
import { leastPassword, type OneTimeLink } from './link';
import { sessionKey, type Session } from './session';

/** What a one-time link opens: somebody chooses a password, and is signed in. */
export function LinkPage({ link }: { link: OneTimeLink }) {
  const client = useClient();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [user, setUser] = useState('');
  const [password, setPassword] = useState('');
  const redeem = useMutation({
    mutationFn: () =>
      client.post<Session>('/api/v1/session/link', {
        token: link.token,
        password,
        ...(link.first ? { user } : {}),
      }),
    onSuccess: (session) => {
      queries.setQueryData(sessionKey, session);
      navigate('/', { replace: true });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    redeem.mutate();
  };
  return (
    <Entrance>
      <Title order={1} size="h3">
        {link.first ? 'The first user' : 'Choose a password'}
      </Title>
      <Text size="sm" c="dimmed">
        {link.first ? 'You become the account’s first Admin. ' : ''}This link works once.
      </Text>
      <form onSubmit={submit}>
        <Stack>
          {link.first && (
            <TextInput
              label="User"
              required
              autoComplete="username"
              autoCapitalize="off"
              value={user}
              onChange={(event) => setUser(event.currentTarget.value)}
            />
          )}
          <PasswordInput
            label="Password"
            required
            minLength={leastPassword}
            autoComplete="new-password"
            description={`At least ${leastPassword} characters`}
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
          />
          <Failure of={redeem.error} />
          <Button type="submit" loading={redeem.isPending}>
            Go in
          </Button>
        </Stack>
      </form>
    </Entrance>
  );
}
