import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { Client } from '../api/client';
import { useClient } from '../api/Server';

/** A list of an account's things. */
export function useThings<T>(key: string, path: string, enabled = true) {
  const client = useClient();
  return useQuery({
    queryKey: ['settings', key],
    queryFn: ({ signal }) => client.get<T>(path, signal),
    staleTime: 5000,
    enabled,
  });
}

/** A change of one of them; the list is asked for again afterwards. */
export function useChange<In, Out>(key: string, change: (client: Client, wanted: In) => Promise<Out>) {
  const client = useClient();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (wanted: In) => change(client, wanted),
    onSettled: () => queries.invalidateQueries({ queryKey: ['settings', key] }),
  });
}
