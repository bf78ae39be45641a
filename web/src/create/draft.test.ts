import { describe, expect, it } from 'vitest';
import { confirmed, emptyDraft, guardrailsOf, isSendable, problemsOf, requestOf, type Draft } from './draft';

const draft = (part: Partial<Draft>): Draft => ({ ...emptyDraft, ...part });
const now = { ...emptyDraft.schedule, kind: 'now' as const };

describe('problems', () => {
  it('stand at their field', () => {
    expect(problemsOf(emptyDraft)).toEqual({
      name: 'A campaign needs a name',
      audience: 'Each rule needs a property and a value',
      title: 'A push needs a title',
      body: 'A push needs a text',
      when: 'Choose when it goes out',
    });
    expect(problemsOf(draft({ channel: 'webhook', pairs: 'x' }))).toMatchObject({
      pairs: 'This is no JSON object',
    });
    expect(problemsOf(draft({ channel: 'email', subject: 's', html: '<p>' }))).toMatchObject({
      sender: 'An e-mail needs a sender’s name',
    });
    expect(problemsOf(draft({ channel: 'sms' }))).toMatchObject({ text: 'An SMS needs a text' });
  });
  it('name the channel that Android wants as soon as something of it is described', () => {
    const push = { audience: 'everybody', name: 'n', title: 't', body: 'b', schedule: now } as const;
    expect(problemsOf(draft({ ...push, link: 'app://a' }))).toEqual({ notice: expect.stringContaining('channel') });
    expect(problemsOf(draft({ ...push, link: 'app://a', notice: 'news' }))).toEqual({});
    expect(problemsOf(draft({ ...push, platforms: '{"android":{"wzrk_cid":"news"}}' }))).toEqual({});
  });
  it('are none for a whole draft', () => {
    const whole = draft({ name: 'n', audience: 'everybody', title: 't', body: 'b', schedule: now });
    expect(problemsOf(whole)).toEqual({});
  });
});

describe('the request', () => {
  const whole = draft({ name: ' n ', audience: 'everybody', title: 't', body: 'b', schedule: now });
  it('has what was written and nothing else', () => {
    expect(JSON.parse(JSON.stringify(requestOf(whole)))).toEqual({
      name: 'n',
      target_mode: 'push',
      where: {},
      content: { title: 't', body: 'b' },
      when: 'now',
    });
  });
  it('says who of the audience gets it only where somebody chose', () => {
    const chosen = { controlPercent: 10, limit: 500, respectCaps: false, includeControl: true };
    expect(requestOf({ ...whole, ...chosen })).toMatchObject({
      control_group: { type: 'campaign', percentage: 10 },
      users_limit_overall: 500,
      respect_frequency_caps: false,
      system_control_group_include: false, // it holds that group back no more
    });
    expect(requestOf(whole)).not.toHaveProperty('respect_frequency_caps');
    expect(requestOf(whole)).not.toHaveProperty('system_control_group_include');
  });
  it('puts the link where a phone has none of its own', () => {
    const linked = {
      ...whole,
      link: 'app://a',
      notice: 'news',
      platforms: '{"ios":{"deep_link":"app://b"},"web":{"url":"u"}}',
    };
    expect(requestOf(linked)).toMatchObject({
      content: {
        platform_specific: {
          android: { wzrk_cid: 'news', deep_link: 'app://a' },
          ios: { deep_link: 'app://b' },
          web: { url: 'u' },
        },
      },
    });
  });
});

it('keeps only the guardrails that are set', () => {
  expect(guardrailsOf(emptyDraft)).toBeUndefined();
  expect(guardrailsOf(draft({ canary: 10, errorPercent: 5, perMinute: 600, atMost: 9 }))).toEqual({
    canary: 10,
    error_rate: { percent: 5, min_sample: 100 },
    max_hand_overs_per_minute: 600,
    max_per_run: 9,
  });
});

it('demands the number from so many people on, however it is written', () => {
  expect(confirmed(999, '', 1000)).toBe(true);
  expect(confirmed(1000, '', 1000)).toBe(false);
  expect(confirmed(1_204_331, '1,204,331', 1000)).toBe(true);
  expect(confirmed(1_204_331, '1204331 ', 1000)).toBe(true);
  expect(confirmed(1_204_331, '120433', 1000)).toBe(false);
  expect(confirmed(40, '', 40)).toBe(false);
});

it('knows which channels are sent on', () => {
  expect(isSendable('push')).toBe(true);
  expect(isSendable('email')).toBe(false);
});
