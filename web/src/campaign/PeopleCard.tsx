import { Anchor, Button, Group, Select, Skeleton, Table, Text, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useSearchParams } from 'react-router-dom';
import { Failure } from '../app/Failure';
import { query } from '../api/client';
import { useClient } from '../api/Server';
import { outcomes, type Campaign, type Recipient } from '../api/types';
import { reasonInWords } from '../words/reasons';
import { Card } from './Card';
import { pathOf } from './useCampaign';

interface Page {
  recipients: Recipient[];
  next: string | null;
}

/** Everybody in the audience with what became of them: by outcome, by name, and to take away. */
export function PeopleCard({ campaign }: { campaign: Campaign }) {
  const [params, setParams] = useSearchParams();
  const outcome = params.get('people') ?? '';
  const [name, setName] = useState('');
  const [identity] = useDebouncedValue(name.trim(), 300);
  const choose = (value: string | null) =>
    setParams(
      (old) => {
        const next = new URLSearchParams(old);
        if (value) next.set('people', value);
        else next.delete('people');
        return next;
      },
      { replace: true },
    );
  if (!campaign.counts) return null;
  return (
    <Card title="People" id="people" aside={<Exports id={campaign.id} outcome={outcome} />}>
      <Group gap="sm" align="end">
        <Select
          label="What became of them"
          data={[
            { value: '', label: 'Everybody' },
            ...outcomes.map((o) => ({ value: o, label: o.replace('_', ' ') })),
          ]}
          value={outcome}
          onChange={choose}
          allowDeselect={false}
          w={190}
        />
        <TextInput
          label="Identity or device"
          value={name}
          onChange={(e) => setName(e.currentTarget.value)}
          flex={1}
          miw={150}
          maw={320}
        />
      </Group>
      <PeopleList id={campaign.id} outcome={outcome} identity={identity} />
    </Card>
  );
}

function Exports({ id, outcome }: { id: number; outcome: string }) {
  const to = (format: string) => query(pathOf(id, '/recipients'), { outcome, format });
  return (
    <Group gap="sm">
      <Anchor size="sm" href={to('csv')} download={`recipients-${id}.csv`} underline="always">
        Export CSV
      </Anchor>
      <Anchor size="sm" href={to('jsonl')} download={`recipients-${id}.jsonl`} underline="always">
        JSON lines
      </Anchor>
    </Group>
  );
}

function PeopleList({ id, outcome, identity }: { id: number; outcome: string; identity: string }) {
  const client = useClient();
  const list = useInfiniteQuery({
    queryKey: ['people', id, outcome, identity],
    queryFn: ({ pageParam, signal }) =>
      client.get<Page>(
        query(pathOf(id, '/recipients'), { outcome, identity, limit: 25, cursor: pageParam }),
        signal,
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next,
    placeholderData: keepPreviousData,
    staleTime: 5000,
  });
  const people = list.data?.pages.flatMap((page) => page.recipients);
  if (list.isError && !people) return <Failure of={list.error} />;
  if (!people) return <Skeleton h={120} />;
  if (people.length === 0) return <Text c="dimmed">Nobody.</Text>;
  return (
    <>
      <Table.ScrollContainer minWidth={620} tabIndex={0} aria-label="People">
        <Table verticalSpacing={6}>
          <Table.Thead>
            <Table.Tr>
              {['Identity', 'Outcome', 'Why', 'Address', 'Attempts', 'Number'].map((h) => (
                <Table.Th key={h}>{h}</Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {people.map((p) => (
              <Table.Tr key={p.ordinal}>
                <Table.Td className="breakable" maw={240}>
                  {p.recipient.identity}
                </Table.Td>
                <Table.Td>{p.outcome.replace('_', ' ')}</Table.Td>
                <Table.Td>{p.reason && reasonInWords(p.reason)}</Table.Td>
                <Table.Td className="breakable" maw={260}>
                  <Text size="xs" ff="monospace">
                    {p.recipient.token ?? p.recipient.objectId}
                  </Text>
                </Table.Td>
                <Table.Td>{p.attempts}</Table.Td>
                <Table.Td>{p.ordinal}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      {list.hasNextPage && (
        <Button variant="default" loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
          More
        </Button>
      )}
    </>
  );
}
