import { describe, expect, it } from 'vitest';
import type { CoursePoint } from '../api/types';
import { pacesOf, thinned } from './course';

const point = (seconds: number, sent: number, accepted = sent): CoursePoint => ({
  at: new Date(Date.UTC(2026, 10, 23, 8, 30, 0) + 1000 * seconds).toISOString(),
  attempts: sent,
  handed_over: sent,
  accepted,
  failed: 0,
  skipped: 0,
  in_doubt: 0,
});

describe('the course of a campaign', () => {
  it('is what happened between two points, a second', () => {
    expect(pacesOf([point(0, 0), point(1, 250), point(3, 1250)]).map((p) => p.sent)).toEqual([250, 500]);
  });

  it('is empty without two points, and takes points of one moment as one', () => {
    expect(pacesOf([])).toEqual([]);
    expect(pacesOf([point(0, 0)])).toEqual([]);
    expect(pacesOf([point(0, 0), point(0, 10), point(1, 100)]).map((p) => p.sent)).toEqual([100]);
  });

  it('never shows less than nothing', () => {
    expect(pacesOf([point(0, 100), point(1, 50)])[0]!.sent).toBe(0);
  });

  it('keeps first and last when it is thinned', () => {
    const many = Array.from({ length: 300 }, (_, i) => point(i, i));
    const few = thinned(many, 120);
    expect(few.length).toBeLessThanOrEqual(121);
    expect([few[0], few[few.length - 1]]).toEqual([many[0], many[299]]);
  });
});
