import { NumberInput, SimpleGrid, Stack, Text } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { Failure } from '../app/Failure';
import type { components } from '../api/schema.gen';
import { Card } from '../campaign/Card';
import { mayAdminister } from '../session/session';
import { useSession } from '../session/useSession';
import { count } from '../words/numbers';
import { SaveFoot } from './SaveFoot';
import { useChange, useThings } from './useThings';

type Guardrails = components['schemas']['AccountGuardrails'];

/** What stops every campaign of the account by itself. */
export function AccountGuardrails() {
  const { account, role } = useSession();
  const path = `/api/v1/accounts/${encodeURIComponent(account)}/guardrails`;
  const may = mayAdminister(role);
  const rules = useThings<Guardrails>('guardrails', path, may);
  return (
    <Card title="Guardrails of the account">
      <Text size="sm" c="dimmed">
        Over everything the account sends. One that is reached stops the campaign, with a receipt.
      </Text>
      {!may && <Text size="sm">An Admin sees and sets them.</Text>}
      <Failure of={rules.error} />
      {may && rules.data && <Form key={JSON.stringify(rules.data)} path={path} rules={rules.data} />}
    </Card>
  );
}

const sampled = 100;
type Value = string | number;

function Form({ path, rules }: { path: string; rules: Guardrails }) {
  const [failed, setFailed] = useState<Value>(rules.error_rate?.percent ?? '');
  const [inDoubt, setInDoubt] = useState<Value>(rules.in_doubt_rate?.percent ?? '');
  const [minute, setMinute] = useState<Value>(rules.max_hand_overs_per_minute ?? '');
  const [day, setDay] = useState<Value>(rules.max_per_day ?? '');
  const put = useChange('guardrails', (client, wanted: Guardrails) => client.post<Guardrails>(path, wanted));
  const rate = (percent: Value, old: Guardrails['error_rate']) =>
    percent === '' ? undefined : { percent: Number(percent), min_sample: old?.min_sample ?? sampled };
  const number = (value: Value) => (value === '' ? undefined : Number(value));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    put.mutate({
      error_rate: rate(failed, rules.error_rate),
      in_doubt_rate: rate(inDoubt, rules.in_doubt_rate),
      max_hand_overs_per_minute: number(minute),
      max_per_day: number(day),
    });
  };
  const judged = (old: Guardrails['error_rate']) => `Judged from ${count(old?.min_sample ?? sampled)} verdicts on`;
  return (
    <form onSubmit={submit}>
      <Stack>
        <SimpleGrid cols={{ base: 1, xs: 2 }}>
          <NumberInput
            label="Failures, at most"
            description={judged(rules.error_rate)}
            suffix=" %"
            min={0.1}
            max={99.9}
            value={failed}
            onChange={setFailed}
          />
          <NumberInput
            label="In doubt, at most"
            description={judged(rules.in_doubt_rate)}
            suffix=" %"
            min={0.1}
            max={99.9}
            value={inDoubt}
            onChange={setInDoubt}
          />
          <NumberInput
            label="Messages a minute, at most"
            description="Of one campaign; stops above"
            min={1}
            thousandSeparator=","
            allowDecimal={false}
            value={minute}
            onChange={setMinute}
          />
          <NumberInput
            label="People a day, at most"
            description="Goes on the next day"
            min={1}
            thousandSeparator=","
            allowDecimal={false}
            value={day}
            onChange={setDay}
          />
        </SimpleGrid>
        <SaveFoot what="guardrails" put={put} />
      </Stack>
    </form>
  );
}
