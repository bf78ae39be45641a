// What a stop would do now, as the server foresees it. The numbers move while the sheet is open.
import type { Campaign, Outlook } from '../api/types';
import { count, counted } from '../words/numbers';

/** What the sheet shows of an outlook. */
export type Foreseen = Pick<
  Outlook,
  'running' | 'paused' | 'planning' | 'scheduled' | 'audience' | 'out' | 'would_be_withheld' | 'on_the_wire'
>;
type Known = Pick<Campaign, 'state' | 'counts'>;

/** The same of one campaign from what a list said of it last: for as long as the server has not foreseen it. */
export function outlookFrom({ state, counts }: Known): Foreseen | undefined {
  const begun = state === 'running' || state === 'paused';
  if (!begun && state !== 'planning' && state !== 'scheduled') return undefined;
  if (begun && !counts) return undefined;
  const one = (of: Known['state']) => (state === of ? 1 : 0);
  return {
    running: one('running'),
    paused: one('paused'),
    planning: one('planning'),
    scheduled: one('scheduled'),
    audience: counts?.audience ?? 0,
    out: counts?.handed_over ?? 0,
    would_be_withheld: counts?.pending ?? 0,
    on_the_wire: counts?.in_flight ?? 0,
  };
}

export const touched = (o: Foreseen) => o.running + o.paused + o.planning + o.scheduled;

/** The sentence on the sheet. */
export function outlookInWords(o: Foreseen): string {
  const all = touched(o);
  if (all === 0) return 'Nothing here is scheduled or running: there is nothing to stop.';
  const begun = o.running + o.paused;
  const numbers =
    `${count(o.out)} ${o.out === 1 ? 'is' : 'are'} out, ${count(o.would_be_withheld)} would be withheld, ` +
    `at most ${count(o.on_the_wire)} ${o.on_the_wire === 1 ? 'is' : 'are'} on the wire.`;
  const waiting = all - begun;
  if (waiting === 0) return numbers;
  if (all === 1) return 'It has not begun: nobody has been sent to, and nobody will be.';
  const others = `${counted(waiting, 'campaign')} ${waiting === 1 ? 'has' : 'have'} not begun and will not.`;
  return begun === 0 ? others : `${numbers} ${others}`;
}
