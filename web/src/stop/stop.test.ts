import { describe, expect, it } from 'vitest';
import type { CampaignReceipt, Outlook, Receipt } from '../api/types';
import { outlookFrom, outlookInWords, touched } from './outlook';
import { csvField, receiptCsv, receiptSentence, receiptText } from './receiptText';
import { scopeInWords } from './scope';

const campaign: CampaignReceipt = {
  campaign: 1457432766,
  campaign_name: 'Diwali "sale"',
  found_in: 'running',
  planned: true,
  audience: 100_000,
  handed_over: 41_278,
  accepted: 41_266,
  failed: 0,
  skipped: {},
  withheld: 58_722,
  in_doubt: 0,
  in_flight: 12,
  attempts: 41_278,
  settled: false,
  first_hand_over: null,
  last_hand_over: null,
  loops: [],
};
const one = {
  ...campaign,
  id: 'stop-1',
  scope: { campaign: 1457432766 },
  at: '2026-11-23T08:30:00Z',
  actor: 'user:asha',
  reason: 'wrong template',
  latch: null,
  latency_us: 3120,
} as unknown as Receipt;
const several = (...campaigns: CampaignReceipt[]) =>
  ({ ...one, campaign: undefined, found_in: undefined, scope: { all: true }, campaigns }) as unknown as Receipt;

const foreseen: Outlook = {
  scope: { campaign: 1457432766 },
  at: '2026-11-23T08:30:00Z',
  in_words: '',
  more_campaigns: false,
  running: 1,
  paused: 0,
  planning: 0,
  scheduled: 0,
  audience: 100_000,
  out: 41_278,
  would_be_withheld: 58_710,
  on_the_wire: 12,
  campaigns: [],
};

describe('the outlook of a stop', () => {
  it('says what is out, what would be withheld, and what is on the wire', () => {
    expect(outlookInWords(foreseen)).toBe('41,278 are out, 58,710 would be withheld, at most 12 are on the wire.');
  });

  it('says that a campaign that has not begun will reach nobody', () => {
    expect(outlookInWords({ ...foreseen, running: 0, scheduled: 1 })).toContain('nobody will be');
  });

  it('says so when there is nothing to stop', () => {
    expect(outlookInWords({ ...foreseen, running: 0 })).toContain('nothing to stop');
  });

  it('names those that have not begun beside those that have', () => {
    const several = { ...foreseen, scheduled: 3 };
    expect(outlookInWords(several)).toContain('3 campaigns have not begun and will not.');
    expect(outlookInWords({ ...several, running: 0 })).toBe('3 campaigns have not begun and will not.');
    expect(touched(several)).toBe(4);
  });
});

describe('what the page knows before the server has foreseen it', () => {
  const counts = { audience: 100, handed_over: 40, in_flight: 3, pending: 60 } as never;

  it('is said in the same words', () => {
    expect(outlookInWords(outlookFrom({ state: 'running', counts })!)).toBe(
      '40 are out, 60 would be withheld, at most 3 are on the wire.',
    );
    expect(outlookInWords(outlookFrom({ state: 'scheduled', counts: null })!)).toContain('It has not begun');
  });

  it('is nothing where it is over, or where nobody has counted', () => {
    expect(outlookFrom({ state: 'stopped', counts })).toBeUndefined();
    expect(outlookFrom({ state: 'running', counts: null })).toBeUndefined();
  });
});

describe('a receipt', () => {
  it('is one sentence with its numbers', () => {
    expect(receiptSentence({ ...one, in_flight: 0 })).toBe(
      'Stopped in 3 ms. 41,278 handed over, 58,722 withheld, 0 in doubt.',
    );
    expect(receiptSentence(one)).toContain('12 await their verdict.');
  });

  it('does not claim to have stopped what was over', () => {
    expect(receiptSentence({ ...one, found_in: 'completed' } as Receipt)).toContain('over before: completed');
  });

  it('says of what had not begun that nobody was sent to', () => {
    const unplanned = {
      ...campaign,
      planned: false,
      found_in: 'scheduled',
      audience: 0,
      handed_over: 0,
    } as CampaignReceipt;
    expect(receiptSentence({ ...one, ...unplanned } as Receipt)).toContain('It had not begun: nobody was sent to');
    expect(receiptSentence(several(unplanned, unplanned))).toContain('2 campaigns had not begun');
    expect(receiptSentence({ ...several(unplanned, campaign), in_flight: 0 })).toContain('41,278 handed over');
  });

  it('says as a text who, when, why and whether it is settled', () => {
    const text = receiptText(one);
    for (const part of ['stop-1', 'user:asha', 'wrong template', 'Not settled', '41,266 accepted']) {
      expect(text).toContain(part);
    }
  });

  it('is a CSV with a line a campaign', () => {
    const lines = receiptCsv(several(campaign, campaign)).trimEnd().split('\r\n');
    expect(lines).toHaveLength(3);
    expect(lines[1]).toContain('"Diwali ""sale"""');
  });

  it('gives a spreadsheet no formulas', () => {
    expect(csvField('=HYPERLINK("x")')).toBe(`"'=HYPERLINK(""x"")"`);
    expect(csvField(-5)).toBe('-5');
  });
});

describe('scopes', () => {
  it('are said in words', () => {
    expect(scopeInWords({ campaign: 7 })).toBe('campaign 7');
    expect(scopeInWords({ label: 'diwali', account: 'A' })).toBe('every campaign labelled “diwali”');
    expect(scopeInWords({ account: 'A' })).toBe('everything of account A');
    expect(scopeInWords({ all: true })).toBe('everything');
  });
});
