import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useClient } from '../api/Server';
import type { Campaign, Outcome, State } from '../api/types';
import type { ListedCampaign } from '../campaigns/listing';
import { isFinal } from '../campaigns/states';
import type { SeriesPoint } from './series';

export interface Content {
  title?: string;
  body?: string;
  platform_specific?: Record<string, Record<string, string>>;
  webhook_key_value?: Record<string, string>;
}

export interface WholeCampaign extends ListedCampaign {
  content?: Content;
  audience?: { in_words: string; devices: string[]; send_to_all_devices: boolean };
}

export const pathOf = (id: number | string, part = '') => `/api/v1/campaigns/${encodeURIComponent(String(id))}${part}`;

const settled = (c: Campaign) => isFinal(c.state) && !c.counts?.in_flight;

export function useCampaign(id: string) {
  const client = useClient();
  return useQuery({
    queryKey: ['campaign', id],
    queryFn: ({ signal }) => client.get<WholeCampaign>(pathOf(id), signal),
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

export const useSeries = (id: number, moving: boolean) =>
  usePart<{ points: SeriesPoint[] }>(id, 'series', moving, 2000);

export interface TimelineEvent {
  at: string;
  actor: string;
  action: string;
  before: State | null;
  after: State | null;
  reason: string | null;
  stop: string | null;
}
export const useTimeline = (id: number, moving: boolean) =>
  usePart<{ events: TimelineEvent[]; more: boolean }>(id, 'timeline', moving, 3000);

export interface ErrorGroup {
  outcome: Outcome;
  reason: string | null;
  in_words: string;
  recipients: number;
  examples: { ordinal: number; identity: string; objectId: string }[];
}
export const useErrors = (id: number, moving: boolean) =>
  usePart<{ errors: ErrorGroup[] }>(id, 'errors', moving, 5000);

/** Pause, resume, continue, correct: what changes a campaign or makes its follow-up. */
export function useAct(id: number, act: 'pause' | 'resume' | 'continue' | 'correct') {
  const client = useClient();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: object) => client.post<Campaign>(pathOf(id, `/${act}`), body),
    onSettled: () => queries.invalidateQueries({ predicate: (query) => query.queryKey[0] !== 'session' }),
  });
}
