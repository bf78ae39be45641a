import { useQueryClient, type QueryKey } from '@tanstack/react-query';
import { useDocumentVisibility } from '@mantine/hooks';
import { useEffect, useState } from 'react';
import { useServer } from '../api/Server';
import type { CampaignPage } from '../api/types';
import { movesRows, withChanges, type Changed } from './stream';

const quietFor = 12_000; // the server says something every 5 seconds

/**
 * Keeps a page of the list current from the server's stream. Says whether it does; while it does not
 * the page is asked for again and again. A page that nobody looks at holds no connection: browsers
 * have few for one server, over all tabs together.
 */
export function useStream(ids: number[], key: QueryKey): boolean {
  const queries = useQueryClient();
  const { freshness } = useServer();
  const visible = useDocumentVisibility() === 'visible';
  const [live, setLive] = useState(false);
  const names = ids.join(',');
  const keyText = JSON.stringify(key);

  useEffect(() => {
    setLive(false);
    if (!visible || names === '') return;
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
      const pageKey = JSON.parse(keyText) as QueryKey;
      const page = queries.getQueryData<CampaignPage>(pageKey);
      if (!page) return;
      queries.setQueryData(pageKey, withChanges(page, changes));
      if (movesRows(page, changes)) void queries.invalidateQueries({ queryKey: ['campaigns'] });
    });
    source.onerror = () => setLive(false); // it connects again by itself
    return () => {
      clearTimeout(watchdog);
      source.close();
    };
  }, [names, visible, keyText, queries, freshness]);
  return live;
}
