import { describe, expect, it } from 'vitest';
import { compact, count, counted, latency, percent } from './numbers';

describe('numbers', () => {
  it('groups digits and never rounds people away', () => {
    expect(count(1204331)).toBe('1,204,331');
    expect(compact(9999)).toBe('9,999');
    expect(compact(41278)).toBe('41.3K');
  });

  it('counts in words', () => {
    expect(counted(1, 'campaign')).toBe('1 campaign');
    expect(counted(0, 'campaign')).toBe('0 campaigns');
  });

  it('never calls something nothing, nor almost all all', () => {
    expect(percent(1, 1_000_000)).toBe('< 0.1 %');
    expect(percent(999_999, 1_000_000)).toBe('> 99.9 %');
    expect(percent(0, 100)).toBe('0 %');
    expect(percent(100, 100)).toBe('100 %');
    expect(percent(1, 0)).toBe('0 %');
  });

  it('says a latency in the unit that fits', () => {
    expect(latency(773)).toBe('773 µs');
    expect(latency(3120)).toBe('3 ms');
    expect(latency(1_240_000)).toBe('1.2 s');
  });
});
