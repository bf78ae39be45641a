import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useClient } from '../api/Server';
import { emptyDraft, type Draft } from './draft';

const path = '/api/v1/drafts';

export interface ListedDraft {
  id: string;
  changed: string;
  name: string | null;
}

export function useDrafts(enabled = true) {
  const client = useClient();
  return useQuery({
    queryKey: ['drafts'],
    queryFn: ({ signal }) => client.get<{ drafts: ListedDraft[] }>(path, signal),
    enabled,
  });
}

/** A kept draft; keys that a newer version of the page has are filled in. */
export function useDraft(id: string | null) {
  const client = useClient();
  return useQuery({
    queryKey: ['draft', id],
    queryFn: async ({ signal }) => {
      const kept = await client.get<{ draft: Partial<Draft> }>(`${path}/${id}`, signal);
      return { ...emptyDraft, ...kept.draft };
    },
    enabled: id !== null,
    staleTime: Infinity,
    gcTime: 0,
  });
}

export function useKeepDraft(id: string) {
  const client = useClient();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (draft: Draft) => client.put(`${path}/${id}`, draft),
    onSettled: () => queries.invalidateQueries({ queryKey: ['drafts'] }),
  });
}

export function useRemoveDraft() {
  const client = useClient();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => client.remove(`${path}/${id}`),
    onSettled: () => queries.invalidateQueries({ queryKey: ['drafts'] }),
  });
}
