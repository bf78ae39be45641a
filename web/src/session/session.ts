// Who is signed in, and what they may do. The server decides again at every request.

export type Role = 'admin' | 'creator' | 'member';

export interface Session {
  account: string;
  user: string;
  role: Role;
  csrf: string;
  demo?: boolean;
  timezone?: string;
}

export const sessionKey = ['session'] as const;

/** Makes, starts, pauses and stops campaigns. */
export const maySend = (role: Role) => role !== 'member';
/** Users, passcodes, providers, webhooks. */
export const mayAdminister = (role: Role) => role === 'admin';

export const roleSays: Record<Role, string> = {
  admin: 'everything, and users, passcodes, providers and webhooks',
  creator: 'makes, starts, pauses and stops campaigns',
  member: 'sees, and may neither start nor stop',
};
