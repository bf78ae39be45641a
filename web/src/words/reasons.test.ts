import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { reasonInWords } from './reasons';

it('has words for every reason of the server, and says one that it does not know by its name', () => {
  const table = readFileSync('../src/campaign/outcome.h', 'utf8');
  const names = [...table.matchAll(/\{Reason::(\w+), "\w+"\}/g)].map((found) => found[1]!);
  expect(names.length).toBeGreaterThan(15);
  const inside = new Set(['none', 'throttled', 'temporary']); // never the last word about anybody
  const unsaid = names.filter((name) => !inside.has(name) && reasonInWords(name) === name.replaceAll('_', ' '));
  expect(unsaid).toEqual([]);
  expect(reasonInWords('some_new_reason')).toBe('some new reason');
});
