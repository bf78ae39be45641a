// What the stream of many campaigns says, worked into a page of the list. Pure.
import type { Campaign, CampaignPage } from '../api/types';

export type Changed = Pick<
  Campaign,
  'id' | 'state' | 'state_reason' | 'stop' | 'counts' | 'per_second' | 'seconds_left'
>;

/** The page with what has changed; the same page where nothing of it has. */
export function withChanges(page: CampaignPage, changes: Changed[]): CampaignPage {
  const byId = new Map(changes.map((c) => [c.id, c]));
  if (!page.campaigns.some((c) => byId.has(c.id))) return page;
  return { ...page, campaigns: page.campaigns.map((c) => ({ ...c, ...byId.get(c.id) })) };
}

/** Whether a state changed: then filters and totals may say something else, and the page is asked anew. */
export const movesRows = (page: CampaignPage, changes: Changed[]) =>
  changes.some((change) => page.campaigns.some((c) => c.id === change.id && c.state !== change.state));

/** The campaigns that lists follow, by the key of each list. */
export type Followed = Record<string, number[]>;

/** What one stream may name. */
const most = 100;

/** All of them as the stream is asked for them; the same text whichever list came first. */
export const namesOf = (followed: Followed) =>
  [...new Set(Object.values(followed).flat())]
    .sort((a, b) => b - a)
    .slice(0, most)
    .join(',');
