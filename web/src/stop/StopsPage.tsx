import { Anchor, Badge, Button, Skeleton, Stack, Table, Text, Title } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from 'react-router-dom';
import { Failure } from '../app/Failure';
import { query } from '../api/client';
import { useClient } from '../api/Server';
import type { Receipt } from '../api/types';
import { count, latency } from '../words/numbers';
import { inZone, viewerZone } from '../words/times';
import { scopeInWords } from './scope';

interface Page {
  stops: Receipt[];
  next: string | null;
}

export default function StopsPage() {
  const client = useClient();
  const list = useInfiniteQuery({
    queryKey: ['stops'],
    queryFn: ({ pageParam, signal }) =>
      client.get<Page>(query('/api/v1/stops', { limit: 50, cursor: pageParam }), signal),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next,
  });
  const stops = list.data?.pages.flatMap((page) => page.stops);
  return (
    <Stack>
      <Title order={1} size="h2">
        Stops
      </Title>
      {list.isError && <Failure of={list.error} />}
      {!stops && !list.isError && <Skeleton h={160} />}
      {stops?.length === 0 && <Text c="dimmed">Nothing has been stopped yet.</Text>}
      {stops && stops.length > 0 && <StopsTable stops={stops} />}
      {list.hasNextPage && (
        <Button variant="default" loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
          Older
        </Button>
      )}
    </Stack>
  );
}

function StopsTable({ stops }: { stops: Receipt[] }) {
  return (
    <Table.ScrollContainer minWidth={760} tabIndex={0} aria-label="Stops">
      <Table verticalSpacing="sm" highlightOnHover>
        <Table.Thead>
          <Table.Tr>
            {['Receipt', 'When', 'What', 'By', 'Took', 'Handed over', 'Withheld', 'In doubt', ''].map((h) => (
              <Table.Th key={h}>{h || <span className="visually-hidden">Settled</span>}</Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody className="numbers">
          {stops.map((s) => (
            <Table.Tr key={s.id}>
              <Table.Td>
                <Anchor component={Link} to={`/stops/${s.id}`} underline="always">
                  {s.id}
                </Anchor>
              </Table.Td>
              <Table.Td>{inZone(s.at, viewerZone(), true)}</Table.Td>
              <Table.Td className="breakable" maw={280}>
                {s.campaign_name ?? scopeInWords(s.scope)}
              </Table.Td>
              <Table.Td className="breakable" maw={180}>
                {s.actor}
              </Table.Td>
              <Table.Td>{latency(s.latency_us)}</Table.Td>
              <Table.Td>{count(s.handed_over)}</Table.Td>
              <Table.Td>{count(s.withheld)}</Table.Td>
              <Table.Td>{count(s.in_doubt)}</Table.Td>
              <Table.Td>
                <Badge variant="light" miw="max-content" color={s.settled ? 'green' : 'yellow'}>
                  {s.settled ? 'settled' : 'settling'}
                </Badge>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
