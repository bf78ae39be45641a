// What of a push's content one kind of device shows. Pure.
import type { Campaign } from '../api/types';

export type Content = Pick<NonNullable<Campaign['content']>, 'title' | 'body' | 'platform_specific'>;

export type Device = 'android' | 'ios' | 'web';

export interface Push {
  title: string;
  body: string;
  image?: string;
  link?: string;
}

const first = (keys: Record<string, string>, ...names: string[]) =>
  names.map((name) => keys[name]).find((value) => value);

/** Platform-specific keys win over the common ones. */
export function pushOn(content: Content, device: Device): Push {
  const own = content.platform_specific?.[device] ?? {};
  return {
    title: own['title'] ?? content.title ?? '',
    body: own['body'] ?? content.body ?? '',
    image: first(own, 'background_image', 'large_icon', 'image', 'ct_mediaUrl', 'ios_attachments'),
    link: first(own, 'deep_link', 'url'),
  };
}
