// What the pages reach the server through: the client, the cache of its answers, and how fresh they are.
import { QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { createContext, useContext, useState, type ReactNode } from 'react';
import { sessionKey, type Session } from '../session/session';
import { ApiError, createClient, type Client } from './client';
import { createFreshness, type Freshness } from './freshness';

interface Server {
  client: Client;
  freshness: Freshness;
}

const Context = createContext<Server | null>(null);

export function useServer(): Server {
  const server = useContext(Context);
  if (!server) throw new Error('outside of ServerProvider');
  return server;
}
export const useClient = () => useServer().client;

function createServer() {
  const freshness = createFreshness(Date.now);
  const cache = new QueryCache({
    onSuccess: freshness.answered,
    onError: (error, asked) => {
      if (!(error instanceof ApiError)) return;
      if (error.offline) return freshness.lost();
      freshness.answered();
      // The session ended somewhere else: back to the sign-in page.
      if (error.status === 401 && asked.queryKey[0] !== sessionKey[0]) queries.setQueryData(sessionKey, null);
    },
  });
  const queries: QueryClient = new QueryClient({
    queryCache: cache,
    defaultOptions: {
      queries: { retry: false, networkMode: 'always', staleTime: 500, refetchOnWindowFocus: true },
      mutations: { retry: false, networkMode: 'always' },
    },
  });
  const client = createClient(() => queries.getQueryData<Session | null>(sessionKey)?.csrf);
  return { queries, server: { client, freshness } };
}

export function ServerProvider({ children }: { children: ReactNode }) {
  const [{ queries, server }] = useState(createServer);
  return (
    <QueryClientProvider client={queries}>
      <Context.Provider value={server}>{children}</Context.Provider>
    </QueryClientProvider>
  );
}
