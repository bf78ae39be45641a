import { expect, it } from 'vitest';
import { emptySchedule, rhythmInWords, runsOf, scheduleProblem, whenOf, type Schedule } from './schedule';

const again = (part: Partial<Schedule>): Schedule => ({
  ...emptySchedule,
  kind: 'recurring',
  at: '2026-11-25T09:30', // a Wednesday
  ...part,
});

it('says what is missing, and chooses nothing by itself', () => {
  expect(scheduleProblem(emptySchedule)).toBe('Choose when it goes out');
  expect(scheduleProblem({ ...emptySchedule, kind: 'now' })).toBeUndefined();
  expect(scheduleProblem({ ...emptySchedule, kind: 'later' })).toBeDefined();
  expect(scheduleProblem(again({}))).toBeUndefined();
  expect(scheduleProblem(again({ every: 0 }))).toBeDefined();
  expect(scheduleProblem(again({ end: 'date', lastDay: '2026-11-24' }))).toMatch(/before the first/);
  expect(scheduleProblem(again({ end: 'times', times: 0 }))).toBeDefined();
});

it('becomes the "when" of create.json', () => {
  expect(whenOf({ ...emptySchedule, kind: 'now' })).toBe('now');
  expect(whenOf({ ...emptySchedule, kind: 'later', at: '2026-11-25T09:30' })).toBe('20261125 09:30');
  expect(whenOf(again({ unit: 'week', every: 2, weekdays: [6, 2], end: 'date', lastDay: '2027-01-31' }))).toEqual({
    type: 'recurring',
    repeat_type: 'week',
    repeats_every: 2,
    start_time: '20261125 09:30',
    repeat_on_days_of_week: [2, 6],
    end_by_date: 20270131,
  });
  expect(whenOf(again({ end: 'times', times: 3, weekdays: [1] }))).toEqual({
    type: 'recurring',
    repeat_type: 'day',
    repeats_every: 1,
    start_time: '20261125 09:30',
    end_by_occurrences: 3,
  });
});

it('can mean the time where each person is', () => {
  expect(whenOf({ ...again({}), kind: 'later', theirs: true })).toEqual({
    type: 'later',
    delivery_date_time: ['20261125 09:30'],
    delivery_timezone: 'user',
    user_timezone_wrap_around: true,
  });
  expect(whenOf(again({ theirs: true, nextDay: false }))).toMatchObject({
    type: 'recurring',
    delivery_timezone: 'user',
    user_timezone_wrap_around: false,
  });
});

const days = (s: Schedule, most = 4) => runsOf(s, most).map((run) => run.slice(5, 10));

it('shows the runs as the server makes them', () => {
  expect(runsOf(again({}), 2)).toEqual(['2026-11-25T09:30', '2026-11-26T09:30']);
  expect(days(again({ every: 10 }))).toEqual(['11-25', '12-05', '12-15', '12-25']);
  expect(days(again({ end: 'times', times: 2 }))).toEqual(['11-25', '11-26']);
  expect(days(again({ end: 'date', lastDay: '2026-11-26' }))).toEqual(['11-25', '11-26']);
  // Every week, on the first run's own weekday unless others are chosen.
  expect(days(again({ unit: 'week' }))).toEqual(['11-25', '12-02', '12-09', '12-16']);
  expect(days(again({ unit: 'week', weekdays: [2, 6] }))).toEqual(['11-27', '11-30', '12-04', '12-07']);
  // Every second week, counted from the week of the first run, which begins on its Sunday.
  expect(days(again({ unit: 'week', every: 2, weekdays: [1, 6] }))).toEqual(['11-27', '12-06', '12-11', '12-20']);
});

it('says the rhythm in words', () => {
  expect(rhythmInWords(again({}))).toBe('every day at 09:30');
  expect(rhythmInWords(again({ unit: 'week', every: 2, weekdays: [6, 2], end: 'times', times: 5 }))).toBe(
    'every 2 weeks on Mon, Fri at 09:30, 5 times',
  );
});

it('says of a time that it has passed, unless elsewhere it may still be to come', () => {
  const late = { ...emptySchedule, kind: 'later' as const, at: '2026-11-24T09:30' };
  expect(scheduleProblem(late, '2026-11-24T09:31')).toBe('That time has passed');
  expect(scheduleProblem(late, '2026-11-24T09:30')).toBeUndefined();
  expect(scheduleProblem({ ...late, theirs: true }, '2026-11-24T09:31')).toBeUndefined();
});

it('says until when on a day and between which hours nothing leaves, every day of the week', () => {
  const quiet = { ...emptySchedule, kind: 'now' as const, cutOff: '21:00', quietFrom: '22:00', quietTo: '08:00' };
  expect(scheduleProblem(quiet)).toBeUndefined();
  const when = whenOf(quiet) as { type: string; campaign_cutoff: string; dnd: { dnd_info: object } };
  expect(when).toMatchObject({ type: 'now', campaign_cutoff: '21:00', dnd: { message_state: 'delay' } });
  expect(Object.keys(when.dnd.dnd_info)).toEqual(['1', '2', '3', '4', '5', '6', '7']);
  expect(whenOf({ ...quiet, cutOff: '', kind: 'later', at: '2026-11-25T09:30' })).toMatchObject({
    type: 'later',
    delivery_date_time: ['20261125 09:30'],
    dnd: { dnd_info: { 1: [{ from: '22:00', to: '08:00' }] } },
  });
  expect(scheduleProblem({ ...quiet, quietTo: '' })).toBe('Quiet hours need a beginning and an end');
  expect(scheduleProblem({ ...quiet, quietTo: '22:00' })).toBe('Quiet hours end where they begin');
});
