import { describe, expect, it } from 'vitest';
import type { Counts } from '../api/types';
import { doneShare, inWords, pace, partOf, partsOf, timeLeft, withSample, type Sample } from './progress';

const counts: Counts = {
  audience: 100,
  handed_over: 40,
  accepted: 35,
  failed: 2,
  skipped: { address_dead: 3, content_error: 2 },
  withheld: 0,
  in_doubt: 0,
  in_flight: 3,
  pending: 55,
  attempts: 41,
};

describe('progress', () => {
  it('shows parts that add up to the audience', () => {
    expect(partsOf(counts).reduce((all, p) => all + p.n, 0)).toBe(100);
    expect(partOf(counts, 'skipped')).toBe(5);
    expect(partsOf(counts).map((p) => p.part)).not.toContain('withheld');
  });

  it('says the numbers in words', () => {
    expect(inWords(counts)).toBe('40 of 100 sent: 35 accepted, 3 on the wire, 2 failed, 5 skipped, 55 pending');
  });

  it('is no further than nothing without an audience', () => {
    expect(doneShare({ ...counts, audience: 0, pending: 0 })).toBe(0);
    expect(doneShare(counts)).toBeCloseTo(0.45);
  });
});

describe('pace', () => {
  const run = (points: [number, number][]) =>
    points.reduce<Sample[]>((all, [at, done]) => withSample(all, { at, done }), []);

  it('is what went out over the last seconds', () => {
    expect(
      pace(
        run([
          [0, 0],
          [1000, 500],
          [2000, 1000],
        ]),
      ),
    ).toBe(500);
  });

  it('is not said from one sample, nor from two that lie too close', () => {
    expect(pace(run([[0, 0]]))).toBeUndefined();
    expect(
      pace(
        run([
          [0, 0],
          [100, 50],
        ]),
      ),
    ).toBeUndefined();
  });

  it('forgets what is long ago', () => {
    expect(
      pace(
        run([
          [0, 0],
          [10_000, 100],
          [11_000, 300],
        ]),
      ),
    ).toBe(200);
  });

  it('begins anew when the numbers go back (another server, another run)', () => {
    expect(
      run([
        [0, 500],
        [1000, 10],
      ]),
    ).toEqual([{ at: 1000, done: 10 }]);
  });

  it('gives the time left, and none for what stands still', () => {
    expect(timeLeft(1000, 500)).toBe(2);
    expect(timeLeft(1000, 0)).toBeUndefined();
  });
});
