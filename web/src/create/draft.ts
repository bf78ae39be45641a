// A campaign while somebody writes it, and the request that it becomes. Pure.
import type { Channel, Guardrails } from '../api/types';
import { whenFrom } from '../campaign/whenFrom';

export interface Rule {
  name: string;
  operator: string;
  value: string;
}

export type AudienceMode = 'everybody' | 'rules' | 'json';

export interface Draft {
  name: string;
  channel: Channel;
  labels: string[];
  provider: string;
  audience: AudienceMode;
  rules: Rule[];
  json: string;
  devices: string[];
  title: string;
  body: string;
  link: string;
  pairs: string;
  /** As the browser's field has it, in the account's zone; undefined: now. */
  when?: string;
  canary?: number;
  errorPercent?: number;
  expectAtMost?: number;
}

export const emptyDraft: Draft = {
  name: '',
  channel: 'push',
  labels: [],
  provider: '',
  audience: 'rules',
  rules: [{ name: '', operator: 'equals', value: '' }],
  json: '{}',
  devices: [],
  title: '',
  body: '',
  link: '',
  pairs: '{}',
};

export const operators = [
  { value: 'equals', label: 'is' },
  { value: 'not_equals', label: 'is not' },
  { value: 'contains', label: 'contains' },
  { value: 'does_not_contain', label: 'does not contain' },
  { value: 'greater_than', label: 'is greater than' },
  { value: 'greater_than_equals', label: 'is at least' },
  { value: 'less_than', label: 'is less than' },
  { value: 'less_than_equals', label: 'is at most' },
  { value: 'exists', label: 'is there' },
  { value: 'does_not_exist', label: 'is not there' },
];
const withoutValue = new Set(['exists', 'does_not_exist']);
export const needsValue = (operator: string) => !withoutValue.has(operator);

/** "7" is a number, "Pune, Delhi" any of two texts. */
export function valueOf(text: string): unknown {
  const each = text
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean)
    .map((part) => (isNumber(part) ? Number(part) : part));
  return each.length === 1 ? each[0] : each;
}
const isNumber = (text: string) => /^-?\d+(\.\d+)?$/.test(text) && Number.isFinite(Number(text));

function object(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

const complete = (rule: Rule) =>
  rule.name.trim() !== '' && (!needsValue(rule.operator) || rule.value.trim() !== '');

/** The query; undefined while something is missing. Never everybody by mistake. */
export function whereOf(draft: Draft): object | undefined {
  if (draft.audience === 'everybody') return {};
  if (draft.audience === 'json') return object(draft.json);
  if (draft.rules.length === 0 || !draft.rules.every(complete)) return undefined;
  const profile_fields = draft.rules.map((rule) => ({
    name: rule.name.trim(),
    operator: rule.operator,
    ...(needsValue(rule.operator) ? { value: valueOf(rule.value) } : {}),
  }));
  return { common_profile_properties: { profile_fields } };
}

export type Problems = Partial<Record<'name' | 'audience' | 'title' | 'body' | 'pairs' | 'when', string>>;

/** What is missing, each at its field. */
export function problemsOf(draft: Draft): Problems {
  const problems: Problems = {};
  if (!draft.name.trim()) problems.name = 'A campaign needs a name';
  if (!whereOf(draft))
    problems.audience =
      draft.audience === 'json' ? 'This is no JSON object' : 'Each rule needs a property and a value';
  if (draft.channel === 'push') {
    if (!draft.title.trim()) problems.title = 'A push needs a title';
    if (!draft.body.trim()) problems.body = 'A push needs a text';
  } else if (!object(draft.pairs)) problems.pairs = 'This is no JSON object';
  if (draft.when !== undefined && !/^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(draft.when)) problems.when = 'When?';
  return problems;
}

export function guardrailsOf(draft: Draft): Guardrails | undefined {
  const set: Guardrails = {
    ...(draft.canary ? { canary: draft.canary } : {}),
    ...(draft.expectAtMost ? { expect_audience_max: draft.expectAtMost } : {}),
    ...(draft.errorPercent ? { error_rate: { percent: draft.errorPercent, min_sample: 100 } } : {}),
  };
  return Object.keys(set).length > 0 ? set : undefined;
}

/** The body of create.json. Only for a draft without problems. */
export function requestOf(draft: Draft): object {
  const platform = draft.link.trim() ? { deep_link: draft.link.trim() } : undefined;
  const push = {
    devices: draft.devices.length > 0 ? draft.devices : undefined,
    content: {
      title: draft.title,
      body: draft.body,
      ...(platform ? { platform_specific: { android: platform, ios: platform } } : {}),
    },
  };
  return {
    name: draft.name.trim(),
    target_mode: draft.channel,
    labels: draft.labels.length > 0 ? draft.labels : undefined,
    provider_nick_name: draft.provider || undefined,
    where: whereOf(draft),
    ...(draft.channel === 'push' ? push : { webhook_key_value: object(draft.pairs) }),
    when: whenFrom(draft.when),
    guardrails: guardrailsOf(draft),
  };
}

/** From so many people on their number must be typed. */
export const typedFrom = 1000;
export const confirmed = (people: number, typed: string) =>
  people < typedFrom || typed.replace(/[\s,.']/g, '') === String(people);
