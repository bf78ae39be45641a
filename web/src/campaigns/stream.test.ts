import { describe, expect, it } from 'vitest';
import type { Campaign, CampaignPage } from '../api/types';
import { movesRows, namesOf, withChanges, type Changed } from './stream';

const page: CampaignPage = {
  campaigns: [
    { id: 1, name: 'a', state: 'running' },
    { id: 2, name: 'b', state: 'running' },
  ] as Campaign[],
  next: null,
  total: 2,
  more_than_total: false,
};
const change = (id: number, state: Campaign['state']) => ({ id, state, per_second: 5 }) as Changed;

describe('the stream of the list', () => {
  it('changes the rows that it names and leaves the others alone', () => {
    const changed = withChanges(page, [change(2, 'running')]);
    expect(changed.campaigns[0]).toEqual(page.campaigns[0]);
    expect(changed.campaigns[1]).toMatchObject({ id: 2, name: 'b', per_second: 5 });
  });

  it('gives the same page back where it names none of its rows', () => {
    expect(withChanges(page, [change(9, 'stopped')])).toBe(page);
  });

  it('tells when rows may belong elsewhere', () => {
    expect(movesRows(page, [change(1, 'running'), change(9, 'stopped')])).toBe(false);
    expect(movesRows(page, [change(1, 'stopped')])).toBe(true);
  });

  it('is one for all lists: it names each campaign once, whichever list came first', () => {
    expect(namesOf({ push: [3, 1], webhook: [2, 3] })).toBe('3,2,1');
    expect(namesOf({ webhook: [2, 3], push: [3, 1] })).toBe('3,2,1');
    expect(namesOf({})).toBe('');
  });
});
