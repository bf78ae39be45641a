import { expect, it } from 'vitest';
import { linkIn } from './link';

it('a one-time link is known by its fragment, and nothing else is taken for one', () => {
  expect(linkIn('#link=ab12')).toEqual({ token: 'ab12', first: false });
  expect(linkIn('#first=ab12')).toEqual({ token: 'ab12', first: true });
  for (const other of ['', '#people', '#link=', '#link=a b', '#other=ab12']) expect(linkIn(other)).toBeUndefined();
});
