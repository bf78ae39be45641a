import { expect, it } from 'vitest';
import { draftFromRequest } from './fromRequest';
import { requestOf } from './draft';

const request = {
  name: 'Diwali',
  target_mode: 'push',
  content: { title: 'Hello', body: 'Come', platform_specific: { android: { wzrk_cid: 'news' } } },
  where: { common_profile_properties: { profile_fields: [{ name: 'City', operator: 'equals', value: 'Pune' }] } },
  devices: ['Android'],
  labels: ['winter'],
  respect_frequency_caps: false,
  users_limit_overall: 500,
  control_group: { type: 'campaign', percentage: 10 },
};

it('becomes the same request again, with a time that somebody has chosen', () => {
  const draft = draftFromRequest({ ...request, when: 'now' });
  expect(draft.schedule.kind).toBeUndefined();
  expect(draft).toMatchObject({ respectCaps: false, limit: 500, controlPercent: 10, includeControl: false, rest: {} });
  const again = requestOf({ ...draft, schedule: { ...draft.schedule, kind: 'now' } });
  expect(JSON.parse(JSON.stringify(again))).toEqual({ ...request, devices: ['android'], when: 'now' });
});

it('takes along what no page asks for', () => {
  const custom = { type: 'custom', name: 'vip' };
  const draft = draftFromRequest({ ...request, control_group: custom, tag_group: 'news' });
  expect(draft.controlPercent).toBeUndefined();
  expect(draft.rest).toEqual({ control_group: custom, tag_group: 'news' });
});
