import { expect, it } from 'vitest';
import type { Campaign } from '../api/types';
import { cloneOf } from './clone';
import { problemsOf, requestOf } from './draft';

const campaign = {
  id: 7,
  name: 'Diwali',
  channel: 'push',
  labels: ['winter'],
  provider: 'fcm',
  content: {
    title: 'Hello',
    body: 'Come',
    platform_specific: { android: { deep_link: 'app://x', wzrk_cid: 'news' }, ios: { deep_link: 'app://x' } },
  },
  audience: {
    in_words: '',
    where: {
      common_profile_properties: { profile_fields: [{ name: 'Visits', operator: 'greater_than', value: 3 }] },
    },
    devices: ['android'],
    send_to_all_devices: false,
  },
  guardrails: { canary: 100, cut_off: '2026-11-25T09:30:00Z' },
  recurrence: { in_words: 'every day', repeats_every: 1, repeat_type: 'day', start_time: '', timezone: 'UTC' },
  due: '2026-11-25T09:30:00Z',
} as unknown as Campaign;

it('takes content and audience along, and never the schedule', () => {
  const draft = cloneOf(campaign);
  expect(draft.schedule.kind).toBeUndefined();
  expect(problemsOf(draft)).toEqual({ when: 'Choose when it goes out' });
  const request = requestOf({ ...draft, schedule: { ...draft.schedule, kind: 'now' } });
  expect(request).toMatchObject({
    name: 'Diwali (copy)',
    target_mode: 'push',
    labels: ['winter'],
    provider_nick_name: 'fcm',
    devices: ['android'],
    content: campaign.content,
    where: campaign.audience!.where,
    guardrails: { canary: 100 },
    when: 'now',
  });
  expect(JSON.stringify(request)).not.toContain('cut_off');
});

it('does not make everybody of people who were named one by one', () => {
  const named = { ...campaign, audience: { ...campaign.audience!, where: { $ids: { Identity: ['a'] } } } };
  expect(cloneOf(named as unknown as Campaign).audience).toBe('json');
});

it('clones a webhook with its pairs and fields', () => {
  const hook = {
    ...campaign,
    channel: 'webhook',
    content: { webhook_key_value: { a: 'b' }, profile_attributes: true, tokens: false, identities: true },
  } as unknown as Campaign;
  const draft = cloneOf(hook);
  expect(requestOf({ ...draft, schedule: { ...draft.schedule, kind: 'now' } })).toMatchObject({
    target_mode: 'webhook',
    webhook_key_value: { a: 'b' },
    webhook_fields: ['profile-attributes', 'identities'],
  });
});
