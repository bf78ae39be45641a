// When a campaign goes out, while somebody chooses it: the "when" that it becomes, and the runs that come of
// it. Times are the account's, as a browser's field has them ("2026-11-24T09:30"). Pure.
import { whenFrom } from '../campaign/whenFrom';

export type ScheduleKind = 'now' | 'later' | 'recurring';

export interface Schedule {
  /** undefined: nobody has chosen yet. Nothing is sent by default. */
  kind?: ScheduleKind;
  at: string;
  /** At that time where each person is. */
  theirs: boolean;
  /** Where that time has passed already: the next day, or not at all. */
  nextDay: boolean;
  /** "21:00": not after that time of the day; '': as long as it takes. */
  cutOff: string;
  /** Every day between these times nothing leaves; '' for none. */
  quietFrom: string;
  quietTo: string;
  /** What falls into them: waits until they end, or is left out. */
  quietThen: 'delay' | 'discard';
  unit: 'day' | 'week';
  every: number;
  /** 1 is Sunday; none: the weekday of the first run. */
  weekdays: number[];
  end: 'never' | 'date' | 'times';
  lastDay: string;
  times: number;
}

export const emptySchedule: Schedule = {
  at: '',
  theirs: false,
  nextDay: true,
  cutOff: '',
  quietFrom: '',
  quietTo: '',
  quietThen: 'delay',
  unit: 'day',
  every: 1,
  weekdays: [],
  end: 'never',
  lastDay: '',
  times: 10,
};

export const weekdayNames = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

const isTime = (text: string) => /^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(text);
const isDay = (text: string) => /^\d{4}-\d\d-\d\d$/.test(text);

/** `now` is the account's own clock, in the same form as the times; '': it is not known. */
export function scheduleProblem(s: Schedule, now = ''): string | undefined {
  if (!s.kind) return 'Choose when it goes out';
  if ((s.quietFrom === '') !== (s.quietTo === '')) return 'Quiet hours need a beginning and an end';
  if (s.quietFrom !== '' && s.quietFrom === s.quietTo) return 'Quiet hours end where they begin';
  if (s.kind === 'now') return undefined;
  if (!isTime(s.at)) return 'It needs a day and a time';
  // Elsewhere it may still be to come: who sends at everybody's own time is told by the server.
  if (s.kind === 'later' && !s.theirs && s.at.slice(0, 16) < now) return 'That time has passed';
  if (s.kind === 'later') return undefined;
  if (!Number.isInteger(s.every) || s.every < 1) return 'Every how many days or weeks?';
  if (s.end === 'date' && !isDay(s.lastDay)) return 'It needs a last day';
  if (s.end === 'date' && s.lastDay < s.at.slice(0, 10)) return 'The last day is before the first run';
  if (s.end === 'times' && (!Number.isInteger(s.times) || s.times < 1)) return 'How many times?';
  return undefined;
}

const compact = (day: string) => day.replaceAll('-', '');

/** Until when on a day, and between which hours nothing leaves. */
function limitsOf(s: Schedule): object {
  const hours = [{ from: s.quietFrom, to: s.quietTo }];
  return {
    ...(s.cutOff ? { campaign_cutoff: s.cutOff } : {}),
    ...(s.quietFrom
      ? {
          dnd: {
            message_state: s.quietThen,
            dnd_info: Object.fromEntries(weekdayNames.map((_, i) => [String(i + 1), hours])),
          },
        }
      : {}),
  };
}

/** The "when" of create.json. Only for a schedule without a problem. */
export function whenOf(s: Schedule): unknown {
  const theirs = s.theirs ? { delivery_timezone: 'user', user_timezone_wrap_around: s.nextDay } : {};
  const limits = limitsOf(s);
  const plain = Object.keys(limits).length === 0;
  if (s.kind === 'later' && !(plain && !s.theirs))
    return { type: 'later', delivery_date_time: [whenFrom(s.at)], ...theirs, ...limits };
  if (s.kind === 'now' && !plain) return { type: 'now', ...limits };
  if (s.kind !== 'recurring') return whenFrom(s.kind === 'later' ? s.at : undefined);
  return {
    type: 'recurring',
    ...theirs,
    ...limits,
    repeat_type: s.unit,
    repeats_every: s.every,
    start_time: whenFrom(s.at),
    ...(s.unit === 'week' && s.weekdays.length > 0
      ? { repeat_on_days_of_week: [...s.weekdays].sort((a, b) => a - b) }
      : {}),
    ...(s.end === 'date' ? { end_by_date: Number(compact(s.lastDay)) } : {}),
    ...(s.end === 'times' ? { end_by_occurrences: s.times } : {}),
  };
}

// Days since 1970, a Thursday; whole days are counted without any zone.
const dayOf = (text: string) => Date.parse(`${text.slice(0, 10)}T00:00Z`) / 86_400_000;
const textOf = (day: number) => new Date(day * 86_400_000).toISOString().slice(0, 10);
const weekdayOf = (day: number) => ((day + 4) % 7) + 1;

/** The first runs, at most `most`; as local times. Empty while something is missing. */
export function runsOf(s: Schedule, most: number): string[] {
  if (s.kind === 'now' || scheduleProblem(s)) return [];
  if (s.kind === 'later') return [s.at];
  const first = dayOf(s.at);
  const chosen = s.weekdays.length > 0 ? s.weekdays : [weekdayOf(first)];
  const last = s.end === 'date' ? dayOf(s.lastDay) : Infinity;
  const wanted = s.end === 'times' ? Math.min(most, s.times) : most;
  // Weeks are counted from the one of the first run; they begin on Sunday, as the numbers of weekdays do.
  const week = first - weekdayOf(first) + 1;
  const runs: string[] = [];
  for (let day = first; runs.length < wanted && day <= last; day += 1) {
    const fits =
      s.unit === 'day'
        ? (day - first) % s.every === 0
        : Math.floor((day - week) / 7) % s.every === 0 && chosen.includes(weekdayOf(day));
    if (fits) runs.push(`${textOf(day)}T${s.at.slice(11, 16)}`);
  }
  return runs;
}

const many = (n: number, one: string) => (n === 1 ? `every ${one}` : `every ${n} ${one}s`);

/** "every 2 weeks on Mon, Fri at 10:00, 5 times" */
export function rhythmInWords(s: Schedule): string {
  const days =
    s.unit === 'week' && s.weekdays.length > 0
      ? ` on ${[...s.weekdays]
          .sort((a, b) => a - b)
          .map((d) => weekdayNames[d - 1])
          .join(', ')}`
      : '';
  const end =
    s.end === 'times'
      ? `, ${s.times === 1 ? 'once' : `${s.times} times`}`
      : s.end === 'date'
        ? `, until ${s.lastDay}`
        : '';
  return `${many(s.every, s.unit)}${days} at ${s.at.slice(11, 16)}${end}`;
}
