// The course of a campaign as a chart shows it: what happened a second, from sums at moments. Pure.

import type { CoursePoint } from '../api/types';

export interface Pace {
  at: number;
  sent: number;
  accepted: number;
  failed: number;
}

const perSecond = (before: number, after: number, seconds: number) =>
  Math.max(0, Math.round((10 * (after - before)) / seconds) / 10);

/** One value a step between two points; points of the same moment count as one. */
export function pacesOf(points: CoursePoint[]): Pace[] {
  const out: Pace[] = [];
  let before = points[0];
  for (const point of points.slice(1)) {
    const seconds = (Date.parse(point.at) - Date.parse(before!.at)) / 1000;
    if (seconds < 0.2) continue;
    out.push({
      at: Date.parse(point.at),
      sent: perSecond(before!.attempts, point.attempts, seconds),
      accepted: perSecond(before!.accepted, point.accepted, seconds),
      failed: perSecond(before!.failed, point.failed, seconds),
    });
    before = point;
  }
  return out;
}

/** Neighbours joined until there are no more than `most`: a chart has only so many pixels. */
export function thinned(points: CoursePoint[], most: number): CoursePoint[] {
  if (points.length <= most) return points;
  const step = Math.ceil(points.length / most);
  return points.filter((_, i) => i % step === 0 || i === points.length - 1);
}
