// What "everything" is: the account, or the part of it that somebody chose.
import type { Channel, StopRequest } from '../api/types';

export type Width = 'account' | 'channel' | 'label' | 'provider';

export interface Choice {
  width: Width;
  channel: Channel;
  label: string;
  provider: string;
}

export const firstChoice: Choice = { width: 'account', channel: 'push', label: '', provider: '' };

/** The scope of a choice; undefined while something is missing. */
export function scopeOf(choice: Choice): StopRequest['scope'] | undefined {
  switch (choice.width) {
    case 'account':
      return { all: true };
    case 'channel':
      return { channel: choice.channel };
    case 'label':
      return choice.label.trim() ? { label: choice.label.trim() } : undefined;
    case 'provider':
      return choice.provider.trim() ? { provider: choice.provider.trim() } : undefined;
  }
}
