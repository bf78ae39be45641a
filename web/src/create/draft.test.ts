import { describe, expect, it } from 'vitest';
import { confirmed, emptyDraft, guardrailsOf, problemsOf, requestOf, valueOf, whereOf, type Draft } from './draft';

const draft: Draft = {
  ...emptyDraft,
  name: ' Spring ',
  rules: [
    { name: 'Visits', operator: 'greater_than', value: '100' },
    { name: 'City', operator: 'exists', value: '' },
  ],
  title: 'Hello',
  body: 'Spring is here',
};

describe('the audience of a draft', () => {
  it('is a query that create.json takes', () => {
    expect(whereOf(draft)).toEqual({
      common_profile_properties: {
        profile_fields: [
          { name: 'Visits', operator: 'greater_than', value: 100 },
          { name: 'City', operator: 'exists' },
        ],
      },
    });
  });

  it('is nobody’s yet while a rule is incomplete: never everybody by mistake', () => {
    expect(whereOf(emptyDraft)).toBeUndefined();
    expect(whereOf({ ...draft, rules: [] })).toBeUndefined();
    expect(whereOf({ ...draft, audience: 'json', json: '[]' })).toBeUndefined();
    expect(whereOf({ ...draft, audience: 'everybody' })).toEqual({});
  });

  it('takes several values as any of them, and numbers as numbers', () => {
    expect(valueOf('Pune, Delhi')).toEqual(['Pune', 'Delhi']);
    expect(valueOf('-7.5')).toBe(-7.5);
    expect(valueOf('7 days')).toBe('7 days');
  });
});

describe('a draft', () => {
  it('says at each field what is missing', () => {
    expect(Object.keys(problemsOf(emptyDraft)).sort()).toEqual(['audience', 'body', 'name', 'title']);
    expect(problemsOf(draft)).toEqual({});
    expect(problemsOf({ ...draft, when: '' }).when).toBeDefined();
    expect(problemsOf({ ...draft, channel: 'webhook', pairs: 'x' }).pairs).toBeDefined();
  });

  it('becomes a request with what was set, and nothing else', () => {
    const request = JSON.parse(JSON.stringify(requestOf({ ...draft, link: 'shop://spring', canary: 100 })));
    expect(request).toMatchObject({
      name: 'Spring',
      target_mode: 'push',
      when: 'now',
      guardrails: { canary: 100 },
      content: { platform_specific: { android: { deep_link: 'shop://spring' } } },
    });
    expect(Object.keys(request)).not.toContain('labels');
    expect(requestOf({ ...draft, channel: 'webhook', pairs: '{"a": "b"}' })).toMatchObject({
      webhook_key_value: { a: 'b' },
    });
  });

  it('has no guardrails unless somebody set one', () => {
    expect(guardrailsOf(draft)).toBeUndefined();
    expect(guardrailsOf({ ...draft, errorPercent: 10 })).toEqual({ error_rate: { percent: 10, min_sample: 100 } });
  });
});

describe('the typed number', () => {
  it('is demanded of many people, exactly, however its digits are grouped', () => {
    expect(confirmed(999, '')).toBe(true);
    expect(confirmed(1_204_331, '1,204,331')).toBe(true);
    expect(confirmed(1_204_331, '1204331')).toBe(true);
    expect(confirmed(1_204_331, '120433')).toBe(false);
  });
});
