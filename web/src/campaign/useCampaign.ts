import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useClient } from '../api/Server';
import type { paths } from '../api/schema.gen';
import type { Campaign } from '../api/types';
import { isFinal } from '../campaigns/states';

export type Content = NonNullable<Campaign['content']>;

export const pathOf = (id: number | string, part = '') =>
  `/api/v1/campaigns/${encodeURIComponent(String(id))}${part}`;

const settled = (c: Campaign) => isFinal(c.state) && !c.counts?.in_flight;

export function useCampaign(id: string) {
  const client = useClient();
  return useQuery({
    queryKey: ['campaign', id],
    queryFn: ({ signal }) => client.get<Campaign>(pathOf(id), signal),
    refetchInterval: ({ state }) => (state.data && settled(state.data) ? 15_000 : 1000),
  });
}

/** A part of a campaign's page; asked again while the campaign moves. */
function usePart<T>(id: number, part: string, moving: boolean, every: number) {
  const client = useClient();
  return useQuery({
    queryKey: ['campaign-part', id, part],
    queryFn: ({ signal }) => client.get<T>(pathOf(id, `/${part}`), signal),
    refetchInterval: moving ? every : false,
  });
}

type Answer<Path extends keyof paths> = paths[Path] extends {
  get: { responses: { 200: { content: { 'application/json': infer Body } } } };
}
  ? Body
  : never;
type Course = Answer<'/api/v1/campaigns/{id}/course'>;
type Timeline = Answer<'/api/v1/campaigns/{id}/timeline'>;
type Errors = Answer<'/api/v1/campaigns/{id}/errors'>;
export type TimelineEvent = Timeline['events'][number];
export type ErrorGroup = Errors['errors'][number];

export const useCourse = (id: number, moving: boolean) => usePart<Course>(id, 'course', moving, 2000);
export const useTimeline = (id: number, moving: boolean) => usePart<Timeline>(id, 'timeline', moving, 3000);
export const useErrors = (id: number, moving: boolean) => usePart<Errors>(id, 'errors', moving, 5000);

/** Pause, resume, continue, correct: what changes a campaign or makes its follow-up. */
export function useAct(id: number, act: 'pause' | 'resume' | 'continue' | 'correct') {
  const client = useClient();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: object) => client.post<Campaign>(pathOf(id, `/${act}`), body),
    onSettled: () => queries.invalidateQueries({ predicate: (query) => query.queryKey[0] !== 'session' }),
  });
}
