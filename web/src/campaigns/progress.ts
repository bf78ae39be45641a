// How far a campaign is, from its counts. What adds up to the audience is shown as parts of one bar.
import type { Counts } from '../api/types';
import { count } from '../words/numbers';

export type Part = 'accepted' | 'failed' | 'skipped' | 'withheld' | 'in_doubt' | 'in_flight' | 'pending';

export const parts: { part: Part; label: string; color: string }[] = [
  { part: 'accepted', label: 'accepted', color: 'green' },
  { part: 'in_flight', label: 'on the wire', color: 'cyan' },
  { part: 'failed', label: 'failed', color: 'red' },
  { part: 'in_doubt', label: 'in doubt', color: 'orange' },
  { part: 'skipped', label: 'skipped', color: 'grape' },
  { part: 'withheld', label: 'withheld', color: 'indigo' },
  { part: 'pending', label: 'pending', color: 'gray' },
];

const sum = (byReason: Record<string, number>) => Object.values(byReason).reduce((all, n) => all + n, 0);

export const partOf = (counts: Partial<Counts>, part: Part): number => {
  const value = counts[part];
  return typeof value === 'object' ? sum(value as Record<string, number>) : (value ?? 0);
};

/** Only what is there, in the order of the bar. */
export const partsOf = (counts: Counts) =>
  parts.map((p) => ({ ...p, n: partOf(counts, p.part) })).filter((p) => p.n > 0);

export const doneShare = (counts: Counts) =>
  counts.audience === 0 ? 0 : (counts.audience - counts.pending) / counts.audience;

/** For a screen reader, and for a title: "41,278 of 100,000 sent; 40,000 accepted, …" */
export function inWords(counts: Counts): string {
  const rest = partsOf(counts).map((p) => `${count(p.n)} ${p.label}`);
  return `${count(counts.handed_over)} of ${count(counts.audience)} sent: ${rest.join(', ')}`;
}

export interface Sample {
  at: number;
  done: number;
}

const windowMs = 8000;

/** Keeps what the pace is judged by: samples of the last seconds, none after a jump backwards. */
export function withSample(samples: Sample[], next: Sample): Sample[] {
  const last = samples[samples.length - 1];
  if (last && next.done < last.done) return [next];
  if (last && next.at <= last.at) return samples;
  return [...samples.filter((s) => next.at - s.at <= windowMs), next];
}

/** Messages a second over the samples; undefined while there is too little to say. */
export function pace(samples: Sample[]): number | undefined {
  const first = samples[0];
  const last = samples[samples.length - 1];
  if (!first || !last || last.at - first.at < 900) return undefined;
  return (1000 * (last.done - first.done)) / (last.at - first.at);
}

/** Seconds until nobody is pending at this pace. */
export const timeLeft = (pending: number, perSecond: number | undefined) =>
  perSecond && perSecond > 0 ? pending / perSecond : undefined;
