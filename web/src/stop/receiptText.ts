// A receipt as a sentence, as a text to paste, and as CSV.
import type { CampaignReceipt, Receipt } from '../api/types';
import { partOf } from '../campaigns/progress';
import { count, counted, latency } from '../words/numbers';
import { scopeInWords } from './scope';

/** "Stopped in 3 ms. 41,278 handed over, 58,722 withheld, 0 in doubt." */
export function receiptSentence(r: Receipt): string {
  const all = campaignsOf(r);
  const was = all.find((c) => !changed(c));
  if (all.length === 1 && was) return `It was over before: ${was.found_in}. Nothing has changed.`;
  if (all.length === 0) return `Stopped in ${latency(r.latency_us)}. Nothing was scheduled or running.`;
  const stopped = all.filter(changed);
  if (stopped.length > 0 && !stopped.some((c) => c.planned)) {
    const what = stopped.length === 1 ? 'It' : counted(stopped.length, 'campaign');
    return `Stopped in ${latency(r.latency_us)}. ${what} had not begun: nobody was sent to, and nobody will be.`;
  }
  const open = r.in_flight > 0 ? ` ${count(r.in_flight)} await their verdict.` : '';
  return (
    `Stopped in ${latency(r.latency_us)}. ${count(r.handed_over)} handed over, ` +
    `${count(r.withheld)} withheld, ${count(r.in_doubt)} in doubt.${open}`
  );
}

const over = new Set(['stopped', 'completed', 'missed']);
const changed = (c: CampaignReceipt) => !over.has(c.found_in);

/** A receipt of one campaign carries its numbers itself, of several in a list. */
export function campaignsOf(r: Receipt): CampaignReceipt[] {
  if (r.campaigns) return r.campaigns;
  return r.campaign === undefined ? [] : [r as unknown as CampaignReceipt];
}

export function receiptText(r: Receipt): string {
  const lines = [
    `Receipt ${r.id ?? '(dry run)'}: ${scopeInWords(r.scope)}`,
    receiptSentence(r),
    `Asked for at ${r.at} by ${r.actor}${r.reason ? `: ${r.reason}` : ''}`,
    r.settled
      ? 'Settled: every number is final.'
      : 'Not settled: verdicts are still awaited. Handed over is final.',
  ];
  if (r.latch) lines.push(`Nothing of this scope starts until ${r.latch} is released.`);
  for (const c of campaignsOf(r)) {
    lines.push(
      `${c.campaign} "${c.campaign_name}", found ${c.found_in}: of ${counted(c.audience, 'recipient')} ` +
        `${count(c.handed_over)} handed over, ${count(c.accepted)} accepted, ${count(c.failed)} failed, ` +
        `${count(partOf(c, 'skipped'))} skipped, ${count(c.withheld)} withheld, ${count(c.in_doubt)} in doubt`,
    );
  }
  return `${lines.join('\n')}\n`;
}

const columns = [
  'receipt',
  'at',
  'actor',
  'reason',
  'latency_us',
  'settled',
  'campaign',
  'campaign_name',
  'found_in',
  'audience',
  'handed_over',
  'accepted',
  'failed',
  'skipped',
  'withheld',
  'in_doubt',
  'in_flight',
  'attempts',
] as const;

/** One line a campaign. */
export function receiptCsv(r: Receipt): string {
  const lines = campaignsOf(r).map((c) =>
    [
      r.id ?? '',
      r.at,
      r.actor,
      r.reason,
      r.latency_us,
      r.settled,
      c.campaign,
      c.campaign_name,
      c.found_in,
      c.audience,
      c.handed_over,
      c.accepted,
      c.failed,
      partOf(c, 'skipped'),
      c.withheld,
      c.in_doubt,
      c.in_flight,
      c.attempts,
    ]
      .map(csvField)
      .join(','),
  );
  return `${[columns.join(','), ...lines].join('\r\n')}\r\n`;
}

/** RFC 4180; a text that a spreadsheet would take for a formula gets an apostrophe. */
export function csvField(value: string | number | boolean): string {
  const text = typeof value === 'string' && /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
