import { expect, it } from 'vitest';
import { eventInWords } from './timelineWords';

it('what happened is said in words, whatever the server calls it', () => {
  const event = {
    at: '',
    actor: '',
    action: 'campaign.created',
    before: null,
    after: 'scheduled',
    reason: null,
    stop: null,
  } as const;
  expect(eventInWords(event)).toBe('Created');
  expect(eventInWords({ ...event, action: 'campaign.moved', before: 'planning', after: 'running' })).toBe(
    'Messages leave',
  );
  expect(eventInWords({ ...event, action: 'campaign.something_new', before: null, after: null })).toBe(
    'something new',
  );
});
