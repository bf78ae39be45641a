import { expect, it } from 'vitest';
import { firstChoice, scopeOf } from './wideScope';

it('a choice is a scope as soon as it is complete, and never a wider one before', () => {
  expect(scopeOf(firstChoice)).toEqual({ all: true });
  expect(scopeOf({ ...firstChoice, width: 'channel', channel: 'webhook' })).toEqual({ channel: 'webhook' });
  expect(scopeOf({ ...firstChoice, width: 'label', label: '  ' })).toBeUndefined();
  expect(scopeOf({ ...firstChoice, width: 'label', label: ' diwali ' })).toEqual({ label: 'diwali' });
  expect(scopeOf({ ...firstChoice, width: 'provider' })).toBeUndefined();
});
