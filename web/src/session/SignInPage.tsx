import { Button, Divider, PasswordInput, Stack, Text, TextInput, Title } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { Failure } from '../app/Failure';
import { Entrance } from './Entrance';
import { useDemo } from './useDemo';
import { useSignIn } from './useSession';

export function SignInPage() {
  const signIn = useSignIn();
  const demo = useDemo();
  const [who, setWho] = useState({ account: '', user: '', password: '' });
  const field = (key: keyof typeof who) => ({
    value: who[key],
    onChange: (event: { currentTarget: { value: string } }) => {
      const { value } = event.currentTarget;
      setWho((old) => ({ ...old, [key]: value }));
    },
    required: true,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    signIn.mutate(who);
  };

  return (
    <Entrance>
      <Title order={1} size="h3">
        Sign in
      </Title>
      {demo && (
        <>
          <Button
            size="md"
            loading={signIn.isPending && signIn.variables === 'demo'}
            onClick={() => signIn.mutate('demo')}
          >
            Look around the demo
          </Button>
          <Divider label="or" />
        </>
      )}
      <form onSubmit={submit}>
        <Stack>
          <TextInput
            label="Account"
            autoComplete="organization"
            autoCapitalize="off"
            spellCheck={false}
            {...field('account')}
            required={false}
            description="May be left out where there is only one"
          />
          <TextInput
            label="User"
            autoComplete="username"
            autoCapitalize="off"
            spellCheck={false}
            {...field('user')}
          />
          <PasswordInput label="Password" autoComplete="current-password" {...field('password')} />
          <Failure of={signIn.error} />
          <Button
            type="submit"
            variant={demo ? 'default' : 'filled'}
            loading={signIn.isPending && signIn.variables !== 'demo'}
          >
            Sign in
          </Button>
        </Stack>
      </form>
      <Text size="sm" c="dimmed">
        No user yet? On the server, <code>belay user add ACCOUNT NAME</code> adds one.
      </Text>
    </Entrance>
  );
}
