import { expect, it } from 'vitest';
import { createWay } from './way';

it('makes way in this window at once and in the others when they hear of it', () => {
  const said: unknown[] = [];
  const channel = { postMessage: (text: unknown) => void said.push(text), onmessage: null as never };
  const way = createWay(channel);
  const cleared: string[] = [];
  const leave = way.subscribe(() => cleared.push('here'));
  way.clear();
  expect([said, cleared]).toEqual([['stop'], ['here']]);
  (channel.onmessage as unknown as () => void)();
  expect(cleared).toEqual(['here', 'here']);
  leave();
  way.clear();
  expect(cleared).toHaveLength(2);
});
