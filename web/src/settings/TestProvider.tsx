import { Alert, Button, Group, Select, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { Failure } from '../app/Failure';
import type { paths } from '../api/schema.gen';
import { useClient } from '../api/Server';
import { SideSheet } from '../app/SideSheet';
import type { Provider } from '../api/types';
import { reasonInWords } from '../words/reasons';

type Test = paths['/api/v1/accounts/{account}/providers/{nick_name}/test']['post'];
type Answer = Test['responses'][200]['content']['application/json'];

interface Props {
  /** Of the account's providers. */
  path: string;
  provider: Provider | undefined;
  onClose: () => void;
}

/** Sends one message to one address, and shows what the provider says to it. */
export function TestProvider({ path, provider, onClose }: Props) {
  return (
    <SideSheet opened={provider !== undefined} onClose={onClose} title={`Test ${provider?.nick_name ?? ''}`}>
      {provider && <Form key={provider.nick_name} path={path} provider={provider} />}
    </SideSheet>
  );
}

function Form({ path, provider }: { path: string; provider: Provider }) {
  const client = useClient();
  const isPush = provider.kind !== 'webhook';
  const [to, setTo] = useState('');
  const [platform, setPlatform] = useState('android');
  const [title, setTitle] = useState('Test');
  const [body, setBody] = useState('A test message from Belay');
  const test = useMutation({
    mutationFn: () =>
      client.post<Answer>(`${path}/${encodeURIComponent(provider.nick_name)}/test`, {
        to: to.trim(),
        title,
        body,
        ...(isPush ? { platform } : {}),
      }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    test.mutate();
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        <Text size="sm">One message really leaves, to this one address, and belongs to no campaign.</Text>
        <TextInput
          label={isPush ? 'Device token' : 'Identity'}
          description={isPush ? 'Of a device of your own' : 'Whom the request is to name'}
          required
          data-autofocus
          autoCapitalize="off"
          spellCheck={false}
          value={to}
          onChange={(e) => setTo(e.currentTarget.value)}
        />
        {isPush && (
          <Select
            label="Platform"
            data={['android', 'ios', 'web', 'windows']}
            value={platform}
            allowDeselect={false}
            onChange={(chosen) => setPlatform(chosen ?? 'android')}
          />
        )}
        <TextInput label="Title" dir="auto" value={title} onChange={(e) => setTitle(e.currentTarget.value)} />
        <Textarea label="Text" dir="auto" autosize value={body} onChange={(e) => setBody(e.currentTarget.value)} />
        <Failure of={test.error} />
        {test.data && <Verdict answer={test.data} />}
        <Button type="submit" size="md" loading={test.isPending}>
          {test.data ? 'Send another' : 'Send it'}
        </Button>
      </Stack>
    </form>
  );
}

const words: Record<string, string> = {
  accepted: 'The provider took it',
  failed: 'The provider refused it',
  address_dead: 'The provider knows no such address',
  later: 'The provider asks to come again later',
  throttled: 'The provider asks to send more slowly',
  unauthorized: 'The provider does not let us in',
  no_answer: 'The provider did not answer',
};

function Verdict({ answer }: { answer: Answer }) {
  const good = answer.verdict === 'accepted';
  return (
    <Alert
      color={good ? 'green' : 'red'}
      variant="light"
      role="alert"
      data-testid="verdict"
      title={words[answer.verdict] ?? answer.verdict}
    >
      <Group gap="xs">
        {answer.status != null && <Text size="sm">Status {answer.status}</Text>}
        {answer.reason && <Text size="sm">{reasonInWords(answer.reason)}</Text>}
      </Group>
      {answer.detail && (
        <Text size="sm" className="breakable">
          {answer.detail}
        </Text>
      )}
    </Alert>
  );
}
