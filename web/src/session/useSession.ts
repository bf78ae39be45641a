import { useMutation, useQuery, useQueryClient, type QueryClient } from '@tanstack/react-query';
import { ApiError } from '../api/client';
import { useClient } from '../api/Server';
import { sessionKey, type Session } from './session';

/** null: nobody is signed in. */
export function useSessionQuery() {
  const client = useClient();
  return useQuery({
    queryKey: sessionKey,
    queryFn: async ({ signal }) => {
      try {
        return await client.get<Session>('/api/v1/session', signal);
      } catch (error) {
        if (error instanceof ApiError && error.status === 401) return null;
        throw error;
      }
    },
    staleTime: Infinity,
    refetchInterval: (query) => (query.state.status === 'error' ? 2000 : false),
  });
}

/** For pages that are only shown to somebody who is signed in. */
export function useSession(): Session {
  const { data } = useSessionQuery();
  if (!data) throw new Error('nobody is signed in');
  return data;
}

/** What one user was answered is not for the next. The session itself stays: the page hangs on it. */
const forgetAnswers = (queries: QueryClient) =>
  queries.removeQueries({ predicate: (query) => query.queryKey[0] !== sessionKey[0] });

export interface Credentials {
  account: string;
  user: string;
  password: string;
}

export function useSignIn() {
  const client = useClient();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (who: Credentials | 'demo') =>
      who === 'demo'
        ? client.post<Session>('/api/v1/session/demo', {})
        : client.post<Session>('/api/v1/session', who),
    onSuccess: (session) => {
      forgetAnswers(queries);
      queries.setQueryData(sessionKey, session);
    },
  });
}

export function useSignOut() {
  const client = useClient();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (where: 'here' | 'everywhere') =>
      client.remove(where === 'here' ? '/api/v1/session' : '/api/v1/sessions'),
    onSettled: () => {
      queries.setQueryData(sessionKey, null);
      forgetAnswers(queries);
    },
  });
}
