// Whom a campaign is for, while somebody puts it together: rules over properties and events, and the query
// ("where" of create.json) that they become. Pure.

export interface Rule {
  name: string;
  operator: string;
  value: string;
}

export interface EventRule {
  name: string;
  did: boolean;
  /** At least so many times; '': once is enough. */
  times: string;
  /** Days, as a browser's field has them. */
  from: string;
  to: string;
}

export type AudienceMode = 'everybody' | 'rules' | 'json';

export interface Audience {
  audience: AudienceMode;
  rules: Rule[];
  events: EventRule[];
  json: string;
}

export const emptyRule: Rule = { name: '', operator: 'equals', value: '' };

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

export function objectIn(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

const isDay = (text: string) => /^\d{4}-\d\d-\d\d$/.test(text);
const isWhole = (text: string) => /^[1-9]\d{0,8}$/.test(text);
const completeRule = (rule: Rule) =>
  rule.name.trim() !== '' && (!needsValue(rule.operator) || rule.value.trim() !== '');
const completeEvent = (e: EventRule) =>
  e.name.trim() !== '' && isDay(e.from) && isDay(e.to) && e.from <= e.to && (e.times === '' || isWhole(e.times));

const stamp = (day: string) => Number(day.replaceAll('-', ''));

function eventQuery(e: EventRule): object {
  return {
    event_name: e.name.trim(),
    from: stamp(e.from),
    to: stamp(e.to),
    ...(e.did && e.times !== '' ? { operator: 'greater_than_equals', value: Number(e.times) } : {}),
  };
}

/** The query; undefined while something is missing. Never everybody by mistake. */
export function whereOf(a: Audience): object | undefined {
  if (a.audience === 'everybody') return {};
  if (a.audience === 'json') return objectIn(a.json);
  if (a.rules.length + a.events.length === 0) return undefined;
  if (!a.rules.every(completeRule) || !a.events.every(completeEvent)) return undefined;
  const profile_fields = a.rules.map((rule) => ({
    name: rule.name.trim(),
    operator: rule.operator,
    ...(needsValue(rule.operator) ? { value: valueOf(rule.value) } : {}),
  }));
  const did_all = a.events.filter((e) => e.did).map(eventQuery);
  const did_none = a.events.filter((e) => !e.did).map(eventQuery);
  return {
    ...(profile_fields.length > 0 ? { common_profile_properties: { profile_fields } } : {}),
    ...(a.events.length > 0
      ? {
          advanced_query: {
            ...(did_all.length > 0 ? { did_all } : {}),
            ...(did_none.length > 0 ? { did_none } : {}),
          },
        }
      : {}),
  };
}

export function audienceProblem(a: Audience): string | undefined {
  if (whereOf(a)) return undefined;
  if (a.audience === 'json') return 'This is no JSON object';
  if (a.rules.length + a.events.length === 0) return 'Add a rule, or choose everybody';
  return a.rules.every(completeRule)
    ? 'Each event needs a name and two days, the first not after the last'
    : 'Each rule needs a property and a value';
}

const dayFrom = (n: unknown) => {
  const text = String(n);
  return /^\d{8}$/.test(text) ? `${text.slice(0, 4)}-${text.slice(4, 6)}-${text.slice(6)}` : '';
};

function eventFrom(query: unknown, did: boolean): EventRule | undefined {
  const { event_name, from, to, operator, value, ...rest } = (query ?? {}) as Record<string, unknown>;
  if (typeof event_name !== 'string' || Object.keys(rest).length > 0) return undefined;
  if (operator !== undefined && operator !== 'greater_than_equals') return undefined;
  return {
    name: event_name,
    did,
    times: value === undefined ? '' : String(value),
    from: dayFrom(from),
    to: dayFrom(to),
  };
}

function ruleFrom(field: unknown): Rule | undefined {
  const { name, operator = 'equals', value, ...rest } = (field ?? {}) as Record<string, unknown>;
  if (typeof name !== 'string' || Object.keys(rest).length > 0) return undefined;
  if (!operators.some((o) => o.value === operator)) return undefined;
  const parts = value === undefined ? [] : Array.isArray(value) ? value : [value];
  const plain = parts.every((p) => typeof p === 'number' || (typeof p === 'string' && !p.includes(',')));
  return plain ? { name, operator: String(operator), value: parts.join(', ') } : undefined;
}

/** A query as the builder shows it; what the builder can't say stays JSON. */
export function audienceFrom(where: unknown): Audience {
  const asJson: Audience = { audience: 'json', rules: [], events: [], json: JSON.stringify(where ?? {}, null, 2) };
  if (typeof where !== 'object' || where === null) return { ...asJson, json: '' };
  if (Object.keys(where).length === 0) return { ...asJson, audience: 'everybody' };
  const { common_profile_properties, advanced_query, ...rest } = where as Record<string, Record<string, unknown>>;
  const { profile_fields = [], ...others } = common_profile_properties ?? {};
  const { did_all = [], did_none = [], ...more } = advanced_query ?? {};
  const rules = (profile_fields as unknown[]).map(ruleFrom);
  const events = [
    ...(did_all as unknown[]).map((q) => eventFrom(q, true)),
    ...(did_none as unknown[]).map((q) => eventFrom(q, false)),
  ];
  const audience: Audience = {
    ...asJson,
    audience: 'rules',
    rules: rules as Rule[],
    events: events as EventRule[],
  };
  const known = [rest, others, more].every((each) => Object.keys(each).length === 0);
  if (!known || [...rules, ...events].includes(undefined)) return asJson;
  // The same query must come out again, or it would be other people.
  return JSON.stringify(whereOf(audience)) === JSON.stringify(where) ? audience : asJson;
}
