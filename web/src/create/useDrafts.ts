import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useClient } from '../api/Server';
import { emptyDraft, type Draft } from './draft';
import { draftFromRequest } from './fromRequest';

/** A page's own draft, or a program's. */
type Kept = Partial<Draft> & { request?: Record<string, unknown> };

const path = '/api/v1/drafts';

/** As this version of the page has drafts: what an older one did not know is as it is at first. */
const whole = (kept: Partial<Draft>): Draft => ({
  ...emptyDraft,
  ...kept,
  schedule: { ...emptyDraft.schedule, ...kept.schedule },
});

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

export function useDraft(id: string | null) {
  const client = useClient();
  return useQuery({
    queryKey: ['draft', id],
    queryFn: async ({ signal }) => {
      const { draft } = await client.get<{ draft: Kept }>(`${path}/${id}`, signal);
      return draft.request ? draftFromRequest(draft.request) : whole(draft);
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
