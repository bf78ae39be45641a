// How numbers are written everywhere in the dashboard. Receipts are evidence, so they are never rounded.

const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
const short = new Intl.NumberFormat('en-US', { notation: 'compact', maximumFractionDigits: 1 });

const two = new Intl.NumberFormat('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 });

export const amount = (n: number) => two.format(n);
export const count = (n: number) => whole.format(n);
export const compact = (n: number) => (n < 10_000 ? whole.format(n) : short.format(n));

/** "1 campaign", "3 campaigns" */
export const counted = (n: number, one: string, many = `${one}s`) => `${count(n)} ${n === 1 ? one : many}`;

/** A part of a whole. Something is never called 0 %, and not everything never 100 %. */
export function percent(part: number, all: number): string {
  if (all <= 0 || part <= 0) return '0 %';
  const value = (100 * part) / all;
  if (value < 0.1) return '< 0.1 %';
  if (part < all && value > 99.9) return '> 99.9 %';
  return `${value < 10 ? Math.round(value * 10) / 10 : Math.round(value)} %`;
}

/** Microseconds as the receipt states them: "773 µs", "3 ms", "1.2 s". */
export function latency(us: number): string {
  if (us < 1000) return `${Math.round(us)} µs`;
  if (us < 1_000_000) return `${Math.round(us / 1000)} ms`;
  return `${Math.round(us / 100_000) / 10} s`;
}

export const rate = (perSecond: number) =>
  `${count(perSecond < 10 ? Math.round(perSecond * 10) / 10 : perSecond)}/s`;
