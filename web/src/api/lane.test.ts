import { describe, expect, it } from 'vitest';
import { createLane } from './lane';

const never = () => new Promise<void>(() => undefined);

describe('lane', () => {
  it('lets no more through at once than it has places', async () => {
    const lane = createLane(2);
    let running = 0;
    let most = 0;
    const work = async () => {
      running += 1;
      most = Math.max(most, running);
      await Promise.resolve();
      running -= 1;
    };
    await Promise.all([1, 2, 3, 4, 5].map(() => lane.run(work)));
    expect(most).toBe(2);
  });

  it('gives the place of failed work back', async () => {
    const lane = createLane(1);
    await expect(lane.run(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    await expect(lane.run(async () => 'yes')).resolves.toBe('yes');
  });

  it('forgets a waiting one that was given up, and serves who waits behind it', async () => {
    const lane = createLane(1);
    const leave = await lane.enter();
    const gaveUp = new AbortController();
    const first = lane.run(never, gaveUp.signal);
    const second = lane.run(async () => 'second');
    gaveUp.abort(new Error('gave up'));
    await expect(first).rejects.toThrow('gave up');
    leave();
    await expect(second).resolves.toBe('second');
  });

  it('counts a place given back twice only once', async () => {
    const lane = createLane(1);
    const leave = await lane.enter();
    leave();
    leave();
    await lane.enter();
    let entered = false;
    void lane.enter().then(() => (entered = true));
    await Promise.resolve();
    expect(entered).toBe(false);
  });
});
