import { expect, it } from 'vitest';
import { whenFrom } from './whenFrom';

it('a time of the browser’s field is what the API takes', () => {
  expect(whenFrom('2026-11-24T09:30')).toBe('20261124 09:30');
  expect(whenFrom(undefined)).toBe('now');
});
