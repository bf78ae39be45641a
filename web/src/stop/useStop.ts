import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useClient, useServer } from '../api/Server';
import type { Outlook, Receipt, StopRequest } from '../api/types';
import { randomKey } from './randomKey';

/** What a stop of this scope would do now; asked again and again while somebody looks. */
export function useOutlook(scope: StopRequest['scope'] | undefined) {
  const client = useClient();
  return useQuery({
    queryKey: ['outlook', scope],
    queryFn: ({ signal }) => client.ask<Outlook>('/api/v1/stops/preview', { scope }, signal),
    enabled: scope !== undefined,
    refetchInterval: 700,
    gcTime: 0,
  });
}

/**
 * The stop itself. Every window of this browser gives up what it is asking for, so that nothing is before it. It
 * carries a key: asked again after a lost answer, it is the same stop with the same receipt.
 */
export function useStop() {
  const { client, way } = useServer();
  const queries = useQueryClient();
  const [key, setKey] = useState(randomKey);
  return useMutation({
    mutationFn: (request: StopRequest) => {
      way.clear();
      return client.urgent<Receipt>('/api/v1/stops', request, { 'Idempotency-Key': key });
    },
    onSuccess: (receipt) => {
      setKey(randomKey());
      if (receipt.id) queries.setQueryData(['stop', receipt.id], receipt);
      void queries.invalidateQueries({ predicate: (query) => query.queryKey[0] !== 'session' });
    },
  });
}

/** A receipt, asked again until it is settled. */
export function useReceipt(id: string) {
  const client = useClient();
  return useQuery({
    queryKey: ['stop', id],
    queryFn: ({ signal }) => client.get<Receipt>(`/api/v1/stops/${encodeURIComponent(id)}`, signal),
    refetchInterval: (query) => (query.state.data?.settled ? false : 400),
  });
}
