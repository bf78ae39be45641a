// A campaign while somebody writes it, and the request that it becomes. Pure.
import type { Channel, Guardrails } from '../api/types';
import { audienceProblem, emptyRule, objectIn, whereOf, type Audience } from './audience';
import { emptySchedule, scheduleProblem, whenOf, type Schedule } from './schedule';

/** E-mail and SMS can be written, looked at and kept; this server has no sender for them yet. */
export type DraftChannel = Channel | 'email' | 'sms';
export const draftChannels: { value: DraftChannel; label: string }[] = [
  { value: 'push', label: 'Push' },
  { value: 'webhook', label: 'Webhook' },
  { value: 'email', label: 'E-mail' },
  { value: 'sms', label: 'SMS' },
];
export const isSendable = (channel: DraftChannel): channel is Channel =>
  channel === 'push' || channel === 'webhook';

export interface Draft extends Audience {
  name: string;
  channel: DraftChannel;
  labels: string[];
  provider: string;
  devices: string[];
  title: string;
  body: string;
  link: string;
  /** Android's notification channel, wzrk_cid. */
  notice: string;
  /** platform_specific of create.json, beside the link. */
  platforms: string;
  pairs: string;
  /** What else a webhook's requests carry. */
  fields: string[];
  sender: string;
  subject: string;
  html: string;
  text: string;
  schedule: Schedule;
  canary?: number;
  errorPercent?: number;
  inDoubtPercent?: number;
  expectAtMost?: number;
  perMinute?: number;
  atMost?: number;
  /** Keys of create.json that no page asks for, from a program. */
  rest?: Record<string, unknown>;
  /** Over all runs. */
  limit?: number;
  controlPercent?: number;
  /** Also those whom the account keeps out as its control group. */
  includeControl: boolean;
  respectCaps: boolean;
}

export const emptyDraft: Draft = {
  name: '',
  channel: 'push',
  labels: [],
  provider: '',
  audience: 'rules',
  rules: [emptyRule],
  events: [],
  json: '{}',
  devices: [],
  title: '',
  body: '',
  link: '',
  notice: '',
  platforms: '{}',
  pairs: '{}',
  fields: [],
  sender: '',
  subject: '',
  html: '',
  text: '',
  schedule: emptySchedule,
  includeControl: false,
  respectCaps: true,
};

type Field =
  | 'name'
  | 'audience'
  | 'title'
  | 'body'
  | 'notice'
  | 'platforms'
  | 'pairs'
  | 'sender'
  | 'subject'
  | 'html'
  | 'text'
  | 'when';
export type Problems = Partial<Record<Field, string>>;

/** What is missing, each at its field. `now` is the account's own clock, as a browser's field has it. */
export function problemsOf(draft: Draft, now = ''): Problems {
  return { ...basics(draft), ...content(draft), ...problem('when', scheduleProblem(draft.schedule, now)) };
}

const problem = (field: Field, says: string | undefined): Problems => (says ? { [field]: says } : {});
const missing = (field: Field, value: string, says: string) => problem(field, value.trim() ? undefined : says);

const basics = (draft: Draft): Problems => ({
  ...missing('name', draft.name, 'A campaign needs a name'),
  ...problem('audience', audienceProblem(draft)),
});

function content(draft: Draft): Problems {
  const noObject = (text: string) => (objectIn(text) ? undefined : 'This is no JSON object');
  switch (draft.channel) {
    case 'push':
      return {
        ...missing('title', draft.title, 'A push needs a title'),
        ...missing('body', draft.body, 'A push needs a text'),
        ...problem('notice', channelProblem(draft)),
        ...problem('platforms', noObject(draft.platforms)),
      };
    case 'webhook':
      return problem('pairs', noObject(draft.pairs));
    case 'email':
      return {
        ...missing('sender', draft.sender, 'An e-mail needs a sender’s name'),
        ...missing('subject', draft.subject, 'An e-mail needs a subject'),
        ...missing('html', draft.html, 'An e-mail needs a text'),
      };
    case 'sms':
      return missing('text', draft.text, 'An SMS needs a text');
  }
}

/** What describes an Android message must name its channel, or create.json refuses it. */
function channelProblem(draft: Draft): string | undefined {
  const android = platformsOf(draft)?.['android'];
  if (!android || android['wzrk_cid']) return undefined;
  return 'Android 8 and later show nothing without a channel: name it as the app does';
}

export function guardrailsOf(draft: Draft): Guardrails | undefined {
  const set: Guardrails = {
    ...(draft.canary ? { canary: draft.canary } : {}),
    ...(draft.expectAtMost ? { expect_audience_max: draft.expectAtMost } : {}),
    ...(draft.errorPercent ? { error_rate: { percent: draft.errorPercent, min_sample: 100 } } : {}),
    ...(draft.inDoubtPercent ? { in_doubt_rate: { percent: draft.inDoubtPercent, min_sample: 100 } } : {}),
    ...(draft.perMinute ? { max_hand_overs_per_minute: draft.perMinute } : {}),
    ...(draft.atMost ? { max_per_run: draft.atMost } : {}),
  };
  return Object.keys(set).length > 0 ? set : undefined;
}

type Platforms = Record<string, Record<string, unknown>>;

/** platform_specific: what stands in the field, and the link for phones that have none of their own there. */
export function platformsOf(draft: Draft): Platforms | undefined {
  const platforms = { ...((objectIn(draft.platforms) ?? {}) as Platforms) };
  const channel = draft.notice.trim();
  if (channel) platforms['android'] = { wzrk_cid: channel, ...platforms['android'] };
  const link = draft.link.trim();
  if (link) for (const phone of ['android', 'ios']) platforms[phone] = { deep_link: link, ...platforms[phone] };
  return Object.keys(platforms).length > 0 ? platforms : undefined;
}

/** "content" of create.json, of any channel. */
export function contentOf(draft: Draft): object {
  if (draft.channel === 'email') return { subject: draft.subject, body: draft.html, sender_name: draft.sender };
  if (draft.channel === 'sms') return { body: draft.text };
  const platform_specific = platformsOf(draft);
  return { title: draft.title, body: draft.body, ...(platform_specific ? { platform_specific } : {}) };
}

/** The keys of create.json that make the content. */
export const madeOf = (draft: Draft) =>
  draft.channel === 'webhook'
    ? {
        target_mode: 'webhook',
        webhook_key_value: objectIn(draft.pairs),
        webhook_fields: draft.fields.length > 0 ? draft.fields : undefined,
      }
    : { target_mode: draft.channel, content: contentOf(draft) };

/** Whether enough is written for the server to judge it. */
export const hasContent = (draft: Draft) => Object.keys(content(draft)).length === 0;

/** Who of the audience gets it. */
const reachOf = (draft: Draft) => ({
  ...(draft.limit ? { users_limit_overall: draft.limit } : {}),
  ...(draft.controlPercent ? { control_group: { type: 'campaign', percentage: draft.controlPercent } } : {}),
  ...(draft.includeControl ? { system_control_group_include: false } : {}),
  ...(draft.respectCaps ? {} : { respect_frequency_caps: false }),
});

/** The body of create.json. Only for a draft without problems. */
export function requestOf(draft: Draft): object {
  return {
    ...draft.rest,
    name: draft.name.trim(),
    ...madeOf(draft),
    labels: draft.labels.length > 0 ? draft.labels : undefined,
    provider_nick_name: draft.provider || undefined,
    where: whereOf(draft),
    devices: draft.channel === 'push' && draft.devices.length > 0 ? draft.devices : undefined,
    when: whenOf(draft.schedule),
    guardrails: guardrailsOf(draft),
    ...reachOf(draft),
  };
}

/** From `from` people on their number must be typed. */
export const confirmed = (people: number, typed: string, from: number) =>
  people < from || typed.replace(/[\s,.']/g, '') === String(people);
