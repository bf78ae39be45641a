// One-time links: /sign-in#link=TOKEN lets a user choose a password, /sign-in#first=TOKEN makes the
// account's first user. The token stands behind #, so that no server or proxy ever logs it. Pure.

export interface OneTimeLink {
  token: string;
  first: boolean;
}

export function linkIn(hash: string): OneTimeLink | undefined {
  const found = /^#(link|first)=([0-9A-Za-z_-]+)$/.exec(hash);
  return found ? { token: found[2]!, first: found[1] === 'first' } : undefined;
}

export const leastPassword = 10;
