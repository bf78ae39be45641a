// A browser has six connections to one server, for all its windows together. When somebody stops something,
// every window lets go of what it is asking for, so that the stop finds a free one also where several windows
// wait on a slow line.

export interface Way {
  /** Everything else gives way: in this window at once, in the others when they hear of it. */
  clear(): void;
  subscribe(listener: () => void): () => void;
}

type Channel = Pick<BroadcastChannel, 'postMessage' | 'onmessage'>;

/** `channel` reaches the browser's other windows; without one only this window makes way. */
export function createWay(channel?: Channel): Way {
  const listeners = new Set<() => void>();
  const tell = () => listeners.forEach((listener) => listener());
  if (channel) channel.onmessage = tell;
  return {
    clear: () => {
      channel?.postMessage('stop');
      tell();
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
