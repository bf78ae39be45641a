import { describe, expect, it } from 'vitest';
import { paramsFrom, pathOf, wantedFrom, type Wanted } from './listing';

const plain: Wanted = { filter: 'all', text: '', label: '', series: '', sort: 'newest', descending: true };

describe('the list of campaigns', () => {
  it('finds its way back from the address', () => {
    const wanted: Wanted = {
      filter: 'running',
      text: 'diwali',
      label: 'spring',
      series: '9',
      sort: 'name',
      descending: true,
    };
    expect(wantedFrom(paramsFrom(wanted))).toEqual(wanted);
    expect(wantedFrom(new URLSearchParams())).toEqual(plain);
  });

  it('keeps the address of the plain list plain', () => {
    expect(paramsFrom(plain).toString()).toBe('');
  });

  it('shows the plain list for an address that makes no sense', () => {
    expect(wantedFrom(new URLSearchParams('show=nothing&sort=colour'))).toEqual(plain);
  });

  it('asks for the states behind a filter', () => {
    expect(pathOf('push', { ...plain, filter: 'running' }, null)).toBe(
      '/api/v1/campaigns?channel=push&state=running%2Cplanning&sort=newest&order=desc&limit=25',
    );
    expect(pathOf('push', plain, '99')).toContain('cursor=99');
    expect(pathOf('push', { ...plain, filter: 'awaiting' }, null)).toContain('awaiting_next_run=true');
    expect(pathOf('push', { ...plain, series: '7' }, null)).toContain('series=7');
  });
});
