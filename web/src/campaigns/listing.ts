// What the list asks the server for, and how the answer looks. The address bar holds the same.
import { query } from '../api/client';
import type { Channel } from '../api/types';
import { filterOf } from './filters';

export type Sort = 'newest' | 'name' | 'due' | 'state';

export interface Wanted {
  filter: string;
  text: string;
  label: string;
  /** Only the runs of this recurring campaign; '': of any. */
  series: string;
  sort: Sort;
  descending: boolean;
}

const sorts: Sort[] = ['newest', 'name', 'due', 'state'];
/** Times fall, words rise, unless somebody turns them round. */
export const fallsByItself = (sort: Sort) => sort === 'newest' || sort === 'due';

export function wantedFrom(params: URLSearchParams): Wanted {
  const sort = sorts.find((s) => s === params.get('sort')) ?? 'newest';
  const order = params.get('order');
  return {
    filter: filterOf(params.get('show')).key,
    text: params.get('q') ?? '',
    label: params.get('label') ?? '',
    series: /^\d+$/.exec(params.get('series') ?? '')?.[0] ?? '',
    sort,
    descending: order ? order === 'desc' : fallsByItself(sort),
  };
}

/** Only what differs from the plain list stands in the address. */
export function paramsFrom(wanted: Wanted): URLSearchParams {
  const params = new URLSearchParams();
  if (wanted.filter !== 'all') params.set('show', wanted.filter);
  if (wanted.text) params.set('q', wanted.text);
  if (wanted.label) params.set('label', wanted.label);
  if (wanted.series) params.set('series', wanted.series);
  if (wanted.sort !== 'newest') params.set('sort', wanted.sort);
  if (wanted.descending !== fallsByItself(wanted.sort)) params.set('order', wanted.descending ? 'desc' : 'asc');
  return params;
}

export const pageSize = 25;

export const pathOf = (channel: Channel, wanted: Wanted, cursor: string | null) =>
  query('/api/v1/campaigns', {
    channel,
    state: filterOf(wanted.filter).states.join(','),
    q: wanted.text.trim(),
    label: wanted.label,
    series: wanted.series,
    awaiting_next_run: filterOf(wanted.filter).awaitingNextRun ? 'true' : undefined,
    sort: wanted.sort,
    order: wanted.descending ? 'desc' : 'asc',
    limit: pageSize,
    cursor,
  });
