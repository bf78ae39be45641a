import { expect, it } from 'vitest';
import { audienceFrom, audienceProblem, valueOf, whereOf, type Audience } from './audience';

const made = (part: Partial<Audience>): Audience => ({
  audience: 'rules',
  rules: [],
  events: [],
  json: '{}',
  ...part,
});
const city = { name: 'City', operator: 'equals', value: 'Pune, Delhi' };
const bought = { name: 'Charged', did: true, times: '2', from: '2026-11-01', to: '2026-11-25' };
const left = { name: 'App Uninstalled', did: false, times: '', from: '2026-11-01', to: '2026-11-25' };

it('is everybody only where somebody chose that', () => {
  expect(whereOf(made({ audience: 'everybody' }))).toEqual({});
  expect(whereOf(made({}))).toBeUndefined();
  expect(audienceProblem(made({}))).toMatch(/choose everybody/);
  expect(whereOf(made({ rules: [{ name: ' ', operator: 'equals', value: 'x' }] }))).toBeUndefined();
  expect(whereOf(made({ audience: 'json', json: '[]' }))).toBeUndefined();
});

it('reads numbers, texts and lists of them', () => {
  expect(valueOf('7')).toBe(7);
  expect(valueOf('-1.5, x')).toEqual([-1.5, 'x']);
  expect(valueOf('Pune')).toBe('Pune');
});

it('puts properties and events into one query', () => {
  expect(whereOf(made({ rules: [city], events: [bought, left] }))).toEqual({
    common_profile_properties: {
      profile_fields: [{ name: 'City', operator: 'equals', value: ['Pune', 'Delhi'] }],
    },
    advanced_query: {
      did_all: [{ event_name: 'Charged', from: 20261101, to: 20261125, operator: 'greater_than_equals', value: 2 }],
      did_none: [{ event_name: 'App Uninstalled', from: 20261101, to: 20261125 }],
    },
  });
  expect(whereOf(made({ events: [left] }))).toEqual({
    advanced_query: { did_none: [{ event_name: 'App Uninstalled', from: 20261101, to: 20261125 }] },
  });
  expect(whereOf(made({ events: [{ ...left, to: '2026-10-01' }] }))).toBeUndefined();
  expect(whereOf(made({ events: [{ ...bought, times: 'many' }] }))).toBeUndefined();
});

it('shows a query in the builder again where the builder can say all of it', () => {
  for (const audience of [
    made({ rules: [city], events: [bought, left] }),
    made({ rules: [city] }),
    made({ events: [left] }),
  ])
    expect(audienceFrom(whereOf(audience))).toMatchObject({
      audience: 'rules',
      rules: audience.rules,
      events: audience.events,
    });
  expect(audienceFrom({}).audience).toBe('everybody');
});

it('keeps what the builder cannot say as JSON, and never makes it everybody', () => {
  const hard = [
    { common_profile_properties: { demographics: [{ name: 'Gender', value: 'Female' }] } },
    { event_name: 'Charged', from: 20261101, to: 20261125 },
    { common_profile_properties: { profile_fields: [{ name: 'a', operator: 'equals', value: 'x, y' }] } },
    { common_profile_properties: { profile_fields: [{ name: 'a', operator: 'equals', value: '7' }] } },
    { advanced_query: { did_any: { any_events: [] } } },
  ];
  for (const where of hard) {
    const audience = audienceFrom(where);
    expect(audience.audience).toBe('json');
    expect(whereOf(audience)).toEqual(where);
  }
  expect(whereOf(audienceFrom(null))).toBeUndefined();
});
