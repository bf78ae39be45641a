import { describe, expect, it } from 'vitest';
import { holdMs, holdShare, secondPressCounts } from './hold';

describe('hold', () => {
  it('is complete after its time, not before, and nothing without a press', () => {
    expect(holdShare(undefined, 5000)).toBe(0);
    expect(holdShare(1000, 1000 + holdMs / 2)).toBe(0.5);
    expect(holdShare(1000, 1000 + holdMs)).toBe(1);
    expect(holdShare(1000, 900)).toBe(0);
  });

  it('takes a second press for a press without hold, but neither a double click nor one much later', () => {
    expect(secondPressCounts(undefined, 1000)).toBe(false);
    expect(secondPressCounts(1000, 1100)).toBe(false);
    expect(secondPressCounts(1000, 3000)).toBe(true);
    expect(secondPressCounts(1000, 20_000)).toBe(false);
  });
});
