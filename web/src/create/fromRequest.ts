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
];

const objectAt = (from: Request, key: string) => (from[key] ?? {}) as Request;
const textAt = (from: Request, key: string) => (typeof from[key] === 'string' ? from[key] : '');
const textsAt = (from: Request, key: string) => (from[key] ?? []) as string[];

export function draftFromRequest(request: Request): Draft {
  const content = { ...request, ...objectAt(request, 'content') };
  const guardrails = objectAt(request, 'guardrails') as Guardrails;
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
    rest: Object.fromEntries(Object.entries(request).filter(([key]) => !asked.includes(key))),
  };
}
