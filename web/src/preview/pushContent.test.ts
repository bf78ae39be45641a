import { expect, it } from 'vitest';
import { pushOn } from './pushContent';

it('a push shows its platform’s own text where there is one', () => {
  const content = {
    title: 'Sale',
    body: 'Now',
    platform_specific: { ios: { title: 'Sale on iOS', deep_link: 'shop://sale' } },
  };
  expect(pushOn(content, 'android')).toMatchObject({ title: 'Sale', body: 'Now', link: undefined });
  expect(pushOn(content, 'ios')).toMatchObject({ title: 'Sale on iOS', body: 'Now', link: 'shop://sale' });
  expect(pushOn({}, 'web')).toMatchObject({ title: '', body: '' });
});
