// When did the server last answer, and does it still? Read by the banner that says how old numbers are.

export interface FreshnessState {
  lastAnswer: number;
  lost: boolean;
}

/** Who awaits an answer for so long, and has heard nothing else meanwhile, may take the server for gone. */
const quietFor = 6000;

export function createFreshness(now: () => number) {
  let state: FreshnessState = { lastAnswer: now(), lost: false };
  const awaited = new Set<{ since: number }>();
  const listeners = new Set<() => void>();
  const set = (next: FreshnessState) => {
    const tell = next.lost !== state.lost;
    state = next;
    if (tell) listeners.forEach((listener) => listener());
  };
  return {
    answered: () => set({ lastAnswer: now(), lost: false }),
    lost: () => set({ ...state, lost: true }),
    /** An answer is awaited from now on, until what this returns is called. */
    waits: () => {
      const one = { since: now() };
      awaited.add(one);
      return () => void awaited.delete(one);
    },
    /** A server that takes what is asked and says nothing is as good as none. Asked again and again. */
    look: () => {
      const oldest = Math.min(...[...awaited].map((one) => one.since));
      const heard = Math.max(oldest, state.lastAnswer);
      if (awaited.size > 0 && now() - heard > quietFor) set({ ...state, lost: true });
    },
    read: () => state,
    subscribe: (listener: () => void) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

export type Freshness = ReturnType<typeof createFreshness>;
