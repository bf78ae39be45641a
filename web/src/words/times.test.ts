import { describe, expect, it } from 'vitest';
import { dayIn, inBothZones, inZone, minuteIn, relative, span, zoneName } from './times';

const noon = '2026-11-23T08:30:00Z';

describe('times', () => {
  it('shows a time in a zone', () => {
    expect(inZone(noon, 'Asia/Kolkata')).toBe('23 Nov 2026, 14:00');
  });

  it('shows both zones, and one where they agree', () => {
    expect(inBothZones(noon, 'Asia/Kolkata', 'Europe/Berlin').map((t) => t.text)).toEqual([
      '23 Nov 2026, 14:00',
      '23 Nov 2026, 09:30',
    ]);
    expect(inBothZones(noon, 'Asia/Kolkata', 'Asia/Colombo')).toHaveLength(1);
    expect(inBothZones(noon, undefined, 'Europe/Berlin')).toHaveLength(1);
  });

  it('says lengths of time in at most two units', () => {
    expect([12, 240, 7500, 273_600].map(span)).toEqual(['12 s', '4 min', '2 h 5 min', '3 d 4 h']);
  });

  it('says how far away a time is', () => {
    const now = Date.parse(noon);
    expect(relative('2026-11-23T08:34:00Z', now)).toBe('in 4 min');
    expect(relative('2026-11-23T08:29:48Z', now)).toBe('12 s ago');
    expect(relative(noon, now)).toBe('now');
  });

  it('calls zones by their last part', () => {
    expect(zoneName('America/New_York')).toBe('New York');
  });
});

it('knows that it may be tomorrow in the account’s zone', () => {
  expect(dayIn('Asia/Kolkata', new Date('2026-11-25T22:00:00Z'))).toBe('2026-11-26');
  expect(dayIn('UTC', new Date('2026-11-25T22:00:00Z'))).toBe('2026-11-25');
});

it('writes the minute of a zone as a field has it', () => {
  expect(minuteIn('Asia/Kolkata', new Date('2026-11-23T19:05:00Z'))).toBe('2026-11-24T00:35');
});
