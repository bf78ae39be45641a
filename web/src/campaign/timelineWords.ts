// A row of the audit trail as a sentence. Pure.
import type { TimelineEvent } from './useCampaign';

const words: Record<string, string> = {
  'campaign.created': 'Created',
  'campaign.stopped': 'Stopped',
  'campaign.paused': 'Paused',
  'campaign.resumed': 'Resumed',
  'campaign.continued': 'Continued by another campaign',
  'campaign.corrected': 'Corrected by another campaign',
};

const ends: Record<string, string> = {
  planning: 'Audience being worked out',
  running: 'Messages leave',
  completed: 'Everybody served',
  missed: 'Missed its time',
};

export function eventInWords(event: TimelineEvent): string {
  const known = words[event.action];
  if (known) return known;
  if (event.after && event.before !== event.after) return ends[event.after] ?? `Now ${event.after}`;
  return event.action.replace(/^campaign\./, '').replaceAll(/[._]/g, ' ');
}
