// One connection of the page's few carries the news of every list on it.
import { useDocumentVisibility } from '@mantine/hooks';
import { useQueryClient, type QueryKey } from '@tanstack/react-query';
import { createContext, useCallback, useContext, useEffect, useMemo, useState, type ReactNode } from 'react';
import { useServer } from '../api/Server';
import type { CampaignPage } from '../api/types';
import { movesRows, namesOf, withChanges, type Changed, type Followed } from './stream';

const quietFor = 12_000; // the server says something every 5 seconds
const backAfter = 3000; // from a stop on, which has the line for itself

interface Stream {
  live: boolean;
  follow: (key: string, ids: number[]) => void;
}

const Context = createContext<Stream>({ live: false, follow: () => undefined });

/**
 * Keeps pages of the list current from the server's stream. Says whether it does; while it does not they are
 * asked for again and again. A page that nobody looks at holds no connection: browsers have few for one
 * server, over all tabs together.
 */
export function useFollowed(ids: number[], key: QueryKey): boolean {
  const { live, follow } = useContext(Context);
  const keyText = JSON.stringify(key);
  const names = ids.join(',');
  useEffect(() => {
    follow(keyText, names === '' ? [] : names.split(',').map(Number));
    return () => follow(keyText, []);
  }, [follow, keyText, names]);
  return live && names !== '';
}

export function LiveRows({ children }: { children: ReactNode }) {
  const [followed, setFollowed] = useState<Followed>({});
  const follow = useCallback(
    (key: string, ids: number[]) =>
      setFollowed((old) => {
        if (ids.length === 0 && !(key in old)) return old;
        const { [key]: _, ...rest } = old;
        return ids.length > 0 ? { ...rest, [key]: ids } : rest;
      }),
    [],
  );
  const live = useEvents(followed);
  const stream = useMemo(() => ({ live, follow }), [live, follow]);
  return <Context.Provider value={stream}>{children}</Context.Provider>;
}

function useEvents(followed: Followed): boolean {
  const queries = useQueryClient();
  const { freshness, way } = useServer();
  const visible = useDocumentVisibility() === 'visible';
  const [live, setLive] = useState(false);
  const [away, setAway] = useState(false);
  const names = namesOf(followed);
  const keys = Object.keys(followed).sort().join('\n');

  useEffect(() => {
    let timer = 0;
    const leave = way.subscribe(() => {
      setAway(true);
      clearTimeout(timer);
      timer = window.setTimeout(() => setAway(false), backAfter);
    });
    return () => {
      clearTimeout(timer);
      leave();
    };
  }, [way]);

  useEffect(() => {
    setLive(false);
    if (!visible || away || names === '') return;
    const source = new EventSource(`/api/v1/campaigns/events?ids=${names}`);
    let watchdog = 0;
    const heard = () => {
      freshness.answered();
      setLive(true);
      clearTimeout(watchdog);
      watchdog = window.setTimeout(() => setLive(false), quietFor);
    };
    source.addEventListener('beat', heard);
    source.addEventListener('latches', (event) => {
      heard();
      queries.setQueryData(['latches'], { latches: JSON.parse(event.data).latches });
    });
    source.addEventListener('campaigns', (event) => {
      heard();
      const changes = JSON.parse(event.data).campaigns as Changed[];
      let moved = false;
      for (const key of keys.split('\n')) {
        const pageKey = JSON.parse(key) as QueryKey;
        const page = queries.getQueryData<CampaignPage>(pageKey);
        if (!page) continue;
        moved ||= movesRows(page, changes);
        queries.setQueryData(pageKey, withChanges(page, changes));
      }
      if (moved) void queries.invalidateQueries({ queryKey: ['campaigns'] });
    });
    source.onerror = () => setLive(false); // it connects again by itself
    return () => {
      clearTimeout(watchdog);
      source.close();
    };
  }, [names, keys, visible, away, queries, freshness]);
  return live;
}
