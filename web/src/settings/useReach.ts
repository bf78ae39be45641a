import { ApiError } from '../api/client';
import { useSession } from '../session/useSession';
import { useThings } from './useThings';

export interface FrequencyCap {
  messages: number;
  per: 'day' | 'week' | 'month';
  /** Without one: all channels together. */
  channel?: string;
}

/** Who of those that are meant gets the messages of an account's campaigns. */
export interface Reach {
  frequency_caps?: FrequencyCap[];
  system_control_group?: { percentage: number };
}

export function useReachPath() {
  const { account } = useSession();
  return `/api/v1/accounts/${encodeURIComponent(account)}/reach`;
}

/** `there`: the server has such rules. Only an Admin reads them. */
export function useReach() {
  const query = useThings<Reach>('reach', useReachPath());
  const refused = query.error instanceof ApiError ? query.error.status : undefined;
  return { ...query, there: query.data !== undefined || refused === 403 };
}
