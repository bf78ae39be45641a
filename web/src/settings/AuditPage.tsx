import { Button, Code, Stack, Table, Text } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { ApiError, query } from '../api/client';
import { useClient } from '../api/Server';
import { SideSheet } from '../app/SideSheet';
import { inZone, viewerZone } from '../words/times';
import { SettingsPage } from './SettingsPage';

interface Row {
  id: number;
  at: string;
  actor: string;
  action: string;
  subject: string;
  before: string;
  after: string;
  detail: string;
}

export default function AuditPage() {
  const client = useClient();
  const list = useInfiniteQuery({
    queryKey: ['settings', 'audit'],
    queryFn: ({ pageParam, signal }) =>
      client.get<{ rows: Row[]; next: string | null }>(
        query('/api/v1/audit', { limit: 50, cursor: pageParam }),
        signal,
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next,
  });
  const [shown, setShown] = useState<Row>();
  const rows = list.data?.pages.flatMap((page) => page.rows);
  const onlyThere = list.error instanceof ApiError && list.error.status === 403;
  return (
    <Stack>
      <SettingsPage
        title="Audit"
        says={
          <>
            Who did what to what. Each row carries the hash of the one before it, so that a changed one shows: belay
            audit verify.
          </>
        }
        error={onlyThere ? new Error('The trail is read at the server itself: belay audit list') : list.error}
        rows={rows}
        empty="Nothing has happened yet."
        heads={['When', 'Who', 'What', 'To what', 'Before and after', 'Why']}
      >
        {rows?.map((r) => (
          <Table.Tr key={r.id}>
            <Table.Td>
              <Text size="sm">{inZone(r.at, viewerZone(), true)}</Text>
            </Table.Td>
            <Table.Td className="breakable" maw={160}>
              {r.actor}
            </Table.Td>
            <Table.Td>{r.action}</Table.Td>
            <Table.Td className="breakable" maw={200}>
              {r.subject}
            </Table.Td>
            <Table.Td className="breakable" maw={200}>
              {[r.before, r.after].filter(Boolean).join(' → ')}
            </Table.Td>
            <Table.Td className="breakable" maw={260}>
              <Detail row={r} onShow={setShown} />
            </Table.Td>
          </Table.Tr>
        ))}
      </SettingsPage>
      {list.hasNextPage && (
        <Button variant="default" loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
          Older
        </Button>
      )}
      <SideSheet
        opened={shown !== undefined}
        onClose={() => setShown(undefined)}
        title={`${shown?.action ?? ''} ${shown?.subject ?? ''}`}
      >
        <Code block className="breakable" style={{ whiteSpace: 'pre-wrap' }}>
          {shown && pretty(shown.detail)}
        </Code>
      </SideSheet>
    </Stack>
  );
}

const isJson = (text: string) => text.startsWith('{') || text.startsWith('[');

function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

/** A reason is read where it stands; a whole definition or receipt is opened. */
function Detail({ row, onShow }: { row: Row; onShow: (row: Row) => void }) {
  if (!isJson(row.detail)) return <Text size="sm">{row.detail}</Text>;
  return (
    <Button size="compact-xs" variant="default" aria-label={`Details of row ${row.id}`} onClick={() => onShow(row)}>
      Details
    </Button>
  );
}
