import { expect, it } from 'vitest';
import { createFreshness } from './freshness';

it('freshness tells its listeners when the server is lost and when it is back, not at every answer', () => {
  let now = 1000;
  const freshness = createFreshness(() => now);
  let told = 0;
  freshness.subscribe(() => (told += 1));
  now = 2000;
  freshness.answered();
  expect(told).toBe(0);
  now = 5000;
  freshness.lost();
  expect([told, freshness.read().lost, freshness.read().lastAnswer]).toEqual([1, true, 2000]);
  freshness.lost();
  expect(told).toBe(1);
  freshness.answered();
  expect([told, freshness.read().lost, freshness.read().lastAnswer]).toEqual([2, false, 5000]);
});

it('a server that takes what is asked and says nothing counts as lost, one that says other things does not', () => {
  let now = 0;
  const freshness = createFreshness(() => now);
  const done = freshness.waits();
  now = 5000;
  freshness.look();
  expect(freshness.read().lost).toBe(false);
  freshness.answered(); // something else was answered
  now = 10_000;
  freshness.look();
  expect(freshness.read().lost).toBe(false);
  now = 12_000;
  freshness.look();
  expect(freshness.read().lost).toBe(true);
  freshness.answered();
  done();
  now = 60_000; // nothing is asked: nothing is awaited
  freshness.look();
  expect(freshness.read().lost).toBe(false);
});
