// Times come as UTC and are shown in the account's zone and in the viewer's.

export const viewerZone = () => Intl.DateTimeFormat().resolvedOptions().timeZone;

/** "24 Nov 2026, 14:00" in a zone. */
export function inZone(time: string | Date, zone: string, seconds = false): string {
  return new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    ...(seconds ? { second: '2-digit' } : {}),
    hourCycle: 'h23',
  }).format(new Date(time));
}

/** The day there, as a browser's field has it: "2026-11-24". */
export const dayIn = (zone: string, time: Date) =>
  new Intl.DateTimeFormat('en-CA', { timeZone: zone }).format(time);

/** The minute there, as a browser's field has it: "2026-11-24T09:30" */
export function minuteIn(zone: string, time: Date): string {
  const clock = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  return `${dayIn(zone, time)}T${clock.format(time)}`;
}

/** The zone's last part, as people call it: "Kolkata". */
export const zoneName = (zone: string) => (zone.split('/').pop() ?? zone).replaceAll('_', ' ');

/** One time in both zones; one entry where they show the same. */
export function inBothZones(time: string, account: string | undefined, viewer = viewerZone()) {
  const own = { zone: viewer, text: inZone(time, viewer) };
  if (!account) return [own];
  const theirs = { zone: account, text: inZone(time, account) };
  return theirs.text === own.text ? [theirs] : [theirs, own];
}

/** "12 s", "4 min", "2 h 5 min", "3 d 4 h": a length of time, two units at most. */
export function span(seconds: number): string {
  const s = Math.max(0, Math.round(seconds));
  if (s < 60) return `${s} s`;
  const minutes = Math.round(s / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return minutes % 60 ? `${hours} h ${minutes % 60} min` : `${hours} h`;
  const days = Math.floor(hours / 24);
  return hours % 24 ? `${days} d ${hours % 24} h` : `${days} d`;
}

/** "in 4 min", "12 s ago", "now" */
export function relative(time: string | Date, now: number): string {
  const seconds = (new Date(time).getTime() - now) / 1000;
  if (Math.abs(seconds) < 1) return 'now';
  return seconds > 0 ? `in ${span(seconds)}` : `${span(-seconds)} ago`;
}
