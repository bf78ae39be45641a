// A draft that a program made: the body of create.json, kept as it came. Its time is chosen anew. Pure.
import type { Guardrails } from '../api/types';
import { audienceFrom } from './audience';
import { emptyDraft, type Draft } from './draft';

type Request = Record<string, unknown>;

/** What the pages ask for themselves; the rest is taken along as it is. */
const asked = [
  'name',
  'target_mode',
  'content',
  'title',
  'body',
  'platform_specific',
  'webhook_key_value',
  'webhook_fields',
  'labels',
  'provider_nick_name',
  'where',
  'devices',
  'when',
  'guardrails',
  'users_limit_overall',
  'system_control_group_include',
  'respect_frequency_caps',
];

const objectAt = (from: Request, key: string) => (from[key] ?? {}) as Request;
const textAt = (from: Request, key: string) => (typeof from[key] === 'string' ? from[key] : '');
const textsAt = (from: Request, key: string) => (from[key] ?? []) as string[];

/** The share of the campaign's own control group. One of another kind is taken along as it is. */
const controlPercentOf = (request: Request) => {
  const group = objectAt(request, 'control_group');
  return group['type'] === 'campaign' && typeof group['percentage'] === 'number' ? group['percentage'] : undefined;
};

export function draftFromRequest(request: Request): Draft {
  const content = { ...request, ...objectAt(request, 'content') };
  const guardrails = objectAt(request, 'guardrails') as Guardrails;
  const controlPercent = controlPercentOf(request);
  const known = controlPercent === undefined ? asked : [...asked, 'control_group'];
  const limit = request['users_limit_overall'];
  return {
    ...emptyDraft,
    ...audienceFrom(objectAt(request, 'where')),
    name: textAt(request, 'name'),
    channel: textAt(request, 'target_mode').toLowerCase().startsWith('webhook') ? 'webhook' : 'push',
    labels: textsAt(request, 'labels'),
    provider: textAt(request, 'provider_nick_name') || textAt(request, 'webhook_endpoint_name'),
    devices: textsAt(request, 'devices').map((name) => name.toLowerCase()),
    title: textAt(content, 'title'),
    body: textAt(content, 'body'),
    platforms: JSON.stringify(objectAt(content, 'platform_specific'), null, 2),
    pairs: JSON.stringify(objectAt(request, 'webhook_key_value'), null, 2),
    fields: textsAt(request, 'webhook_fields'),
    canary: guardrails.canary,
    errorPercent: guardrails.error_rate?.percent,
    inDoubtPercent: guardrails.in_doubt_rate?.percent,
    expectAtMost: guardrails.expect_audience_max,
    perMinute: guardrails.max_hand_overs_per_minute,
    atMost: guardrails.max_per_run,
    limit: typeof limit === 'number' ? limit : undefined,
    controlPercent,
    includeControl: request['system_control_group_include'] === false,
    respectCaps: request['respect_frequency_caps'] !== false,
    rest: Object.fromEntries(Object.entries(request).filter(([key]) => !known.includes(key))),
  };
}
