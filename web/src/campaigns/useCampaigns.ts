import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useClient } from '../api/Server';
import type { CampaignPage, Channel } from '../api/types';
import { pathOf, type Wanted } from './listing';
import { isFinal, isLive } from './states';
import { useFollowed } from './LiveRows';

/** One page of one channel's campaigns, kept current while somebody looks. */
export function useCampaigns(channel: Channel, wanted: Wanted) {
  const client = useClient();
  const key = JSON.stringify(wanted);
  // The cursors of the pages before this one; another list begins at its first page.
  const [place, setPlace] = useState<{ key: string; cursors: string[] }>({ key, cursors: [] });
  const [live, setLive] = useState(false);
  const cursors = place.key === key ? place.cursors : [];
  const cursor = cursors[cursors.length - 1] ?? null;
  const queryKey = ['campaigns', channel, key, cursor];
  const page = useQuery({
    queryKey,
    queryFn: ({ signal }) => client.get<CampaignPage>(pathOf(channel, wanted, cursor), signal),
    placeholderData: keepPreviousData,
    // The stream keeps rows current; new ones only come by asking.
    refetchInterval: ({ state }) => (!live && state.data?.campaigns.some((c) => isLive(c.state)) ? 1000 : 3000),
  });
  const open = page.isPlaceholderData ? [] : (page.data?.campaigns.filter((c) => !isFinal(c.state)) ?? []);
  const streaming = useFollowed(
    open.map((c) => c.id),
    queryKey,
  );
  if (streaming !== live) setLive(streaming);
  return {
    page,
    number: cursors.length + 1,
    next: page.data?.next ? () => setPlace({ key, cursors: [...cursors, page.data!.next!] }) : undefined,
    back: cursors.length > 0 ? () => setPlace({ key, cursors: cursors.slice(0, -1) }) : undefined,
  };
}
