// When did the server last answer, and does it still? Read by the banner that says how old numbers are.

export interface FreshnessState {
  lastAnswer: number;
  lost: boolean;
}

export function createFreshness(now: () => number) {
  let state: FreshnessState = { lastAnswer: now(), lost: false };
  const listeners = new Set<() => void>();
  const set = (next: FreshnessState) => {
    const tell = next.lost !== state.lost;
    state = next;
    if (tell) listeners.forEach((listener) => listener());
  };
  return {
    answered: () => set({ lastAnswer: now(), lost: false }),
    lost: () => set({ ...state, lost: true }),
    read: () => state,
    subscribe: (listener: () => void) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

export type Freshness = ReturnType<typeof createFreshness>;
