// What a stop would do now, as the server foresees it. The numbers move while the sheet is open.
import type { Outlook } from '../api/types';
import { count, counted } from '../words/numbers';

export const touched = (o: Outlook) => o.running + o.paused + o.planning + o.scheduled;

/** The sentence on the sheet. */
export function outlookInWords(o: Outlook): string {
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
