import { Alert, Button, Stack, Text, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useNavigate } from 'react-router-dom';
import { useClient } from '../api/Server';
import { useSession } from '../session/useSession';
import { count } from '../words/numbers';
import { useConfirmFrom } from '../settings/useSettings';
import { inZone, zoneName } from '../words/times';
import { confirmed, isSendable, requestOf, type Draft, type Problems } from './draft';
import { stepOf, stepTitles } from './refusal';
import { rhythmInWords, runsOf } from './schedule';
import { useEstimate } from './useEstimate';

interface Props {
  draft: Draft;
  problems: Problems;
  onCreated: () => void;
  onStep: (step: number) => void;
}

/** The consequence in one sentence, and the button; for many people their number first. */
export function ReviewStep({ draft, problems, onCreated, onStep }: Props) {
  const client = useClient();
  const navigate = useNavigate();
  const { timezone } = useSession();
  const typedFrom = useConfirmFrom();
  const estimate = useEstimate(draft);
  const [typed, setTyped] = useState('');
  const create = useMutation({
    mutationFn: () => client.post<{ id: number }>('/1/targets/create.json', requestOf(draft)),
    onSuccess: ({ id }) => {
      onCreated();
      navigate(`/campaigns/${id}`);
    },
  });
  const missing = Object.values(problems);
  if (missing.length > 0) {
    return (
      <Alert color="orange" variant="light" title="Something is missing">
        {missing.map((text) => (
          <Text key={text} size="sm">
            {text}
          </Text>
        ))}
      </Alert>
    );
  }
  const people = estimate.data?.recipients;
  if (!isSendable(draft.channel)) {
    return (
      <Alert color="yellow" variant="light" title="It stays a draft">
        This server does not send {draft.channel === 'sms' ? 'SMS' : 'e-mail'} yet. What is written here is kept,
        and found under Drafts.
      </Alert>
    );
  }
  const now = draft.schedule.kind === 'now';
  return (
    <Stack>
      <Text size="lg" className="breakable" data-testid="consequence">
        “{draft.name.trim()}” goes to <b>{people === undefined ? '…' : count(people)}</b> people{' '}
        {timeInWords(draft.schedule, timezone)}.
      </Text>
      {estimate.data && (
        <Text size="sm" c="dimmed" className="breakable">
          {estimate.data.in_words}
        </Text>
      )}
      {people !== undefined && people >= typedFrom && (
        <TextInput
          label={`Type ${count(people)} to go on`}
          inputMode="numeric"
          autoComplete="off"
          value={typed}
          onChange={(e) => setTyped(e.currentTarget.value)}
        />
      )}
      {(create.error ?? estimate.error) && (
        <Refused message={(create.error ?? estimate.error)!.message} onStep={onStep} />
      )}
      <Button
        size="md"
        loading={create.isPending}
        disabled={people === undefined || people === 0 || !confirmed(people, typed, typedFrom)}
        onClick={() => create.mutate()}
      >
        {now ? 'Send it' : 'Schedule it'}
      </Button>
      {people === 0 && <Text size="sm">Nobody fits: there is nothing to send.</Text>}
    </Stack>
  );
}

/** What the server says no to, and the way to where it can be mended. */
function Refused({ message, onStep }: { message: string } & Pick<Props, 'onStep'>) {
  const step = stepOf(message);
  return (
    <Alert color="red" variant="light" role="alert">
      <Text size="sm" className="breakable">
        {message}
      </Text>
      {step !== undefined && (
        <Button mt="xs" size="xs" variant="default" onClick={() => onStep(step)}>
          Change it under {stepTitles[step]}
        </Button>
      )}
    </Alert>
  );
}

function timeInWords(schedule: Draft['schedule'], zone: string | undefined): string {
  if (schedule.kind === 'now') return 'now';
  const first = runsOf(schedule, 1)[0];
  const place = schedule.theirs ? ' their time' : zone ? ` in ${zoneName(zone)}` : '';
  const at = first ? inZone(`${first}Z`, 'UTC') : '…';
  if (schedule.kind === 'later') return `at ${at}${place}`;
  return `${rhythmInWords(schedule)}${place}, first on ${at}; that many now, counted anew for each run`;
}
