// What the pages reach the server through: the client, the cache of its answers, and how fresh they are.
import { QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { createContext, useContext, useEffect, useState, type ReactNode } from 'react';
import { sessionKey, type Session } from '../session/session';
import { ApiError, createClient, type Client } from './client';
import { createFreshness, type Freshness } from './freshness';
import { createWay, type Way } from './way';

interface Server {
  client: Client;
  freshness: Freshness;
  way: Way;
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
  const client = createClient(
    () => queries.getQueryData<Session | null>(sessionKey)?.csrf,
    undefined,
    freshness.waits,
  );
  const way = createWay('BroadcastChannel' in window ? new BroadcastChannel('belay') : undefined);
  return { queries, server: { client, freshness, way } };
}

export function ServerProvider({ children }: { children: ReactNode }) {
  const [{ queries, server }] = useState(createServer);
  useEffect(
    () =>
      server.way.subscribe(
        () => void queries.cancelQueries({ predicate: (query) => query.queryKey[0] !== sessionKey[0] }),
      ),
    [queries, server],
  );
  return (
    <QueryClientProvider client={queries}>
      <Context.Provider value={server}>{children}</Context.Provider>
    </QueryClientProvider>
  );
}
