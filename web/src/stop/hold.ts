// Holding a button down: how far, and what a press without a hold means. Pure; the button feeds it times.

export const holdMs = 1200;

export const holdShare = (since: number | undefined, now: number) =>
  since === undefined ? 0 : Math.min(1, Math.max(0, (now - since) / holdMs));

/**
 * Screen readers and switches press without holding: such a press asks once more, and the second one
 * within a while counts. `pressed` is the time of the first.
 */
export const secondPressCounts = (pressed: number | undefined, now: number) =>
  pressed !== undefined && now - pressed > 400 && now - pressed < 8000;
