// A browser opens at most six connections to one HTTP/1.1 server, for all its tabs together. If data
// could take them all, a stop would wait behind it. So data goes through a lane of a few places, and
// what is not data (a stop) goes past it and always finds a free connection.

export interface Lane {
  /** Runs `work` when a place is free; gives the place back when it is done or failed. */
  run<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T>;
  /** Takes a place for as long as something stays open (a stream); the answer gives it back. */
  enter(signal?: AbortSignal): Promise<() => void>;
}

export function createLane(places: number): Lane {
  let free = places;
  const waiting: (() => void)[] = [];

  const leave = () => {
    const next = waiting.shift();
    if (next) next();
    else free += 1;
  };

  const enter = (signal?: AbortSignal) =>
    new Promise<() => void>((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      let left = false;
      const once = () => {
        if (!left) leave();
        left = true;
      };
      if (free > 0) {
        free -= 1;
        return resolve(once);
      }
      const admitted = () => {
        signal?.removeEventListener('abort', gaveUp);
        resolve(once);
      };
      const gaveUp = () => {
        waiting.splice(waiting.indexOf(admitted), 1);
        reject(signal?.reason);
      };
      waiting.push(admitted);
      signal?.addEventListener('abort', gaveUp, { once: true });
    });

  return {
    enter,
    async run(work, signal) {
      const done = await enter(signal);
      try {
        return await work();
      } finally {
        done();
      }
    },
  };
}
