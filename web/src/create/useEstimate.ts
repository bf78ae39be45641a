import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useDebouncedValue } from '@mantine/hooks';
import type { components } from '../api/schema.gen';
import { useClient } from '../api/Server';
import { whereOf } from './audience';
import { isSendable, type Draft } from './draft';

interface Estimate {
  recipients: number;
  by_platform: Record<string, number> | null;
  in_words: string;
}

/** How many the draft's audience has now; asked a moment after the last change. */
export function useEstimate(draft: Draft) {
  const client = useClient();
  const where = whereOf(draft);
  const [asked] = useDebouncedValue(
    where
      ? JSON.stringify({
          where,
          // Who has an address of a channel without a sender is not known: everybody whom the query finds.
          target_mode: isSendable(draft.channel) ? draft.channel : 'webhook',
          ...(draft.channel === 'push' && draft.devices.length > 0 ? { devices: draft.devices } : {}),
        })
      : '',
    400,
  );
  return useQuery({
    queryKey: ['estimate', asked],
    queryFn: ({ signal }) => client.ask<Estimate>('/api/v1/audience/estimate', JSON.parse(asked), signal),
    enabled: asked !== '' && where !== undefined,
    placeholderData: keepPreviousData,
    staleTime: 5000,
  });
}

type Explained = components['schemas']['ExplainedPart'];

/** The draft's query part by part, with the count of each. */
export function useExplained(draft: Draft) {
  const client = useClient();
  const where = whereOf(draft);
  const [asked] = useDebouncedValue(where ? JSON.stringify({ where }) : '', 600);
  return useQuery({
    queryKey: ['explained', asked],
    queryFn: ({ signal }) => client.ask<Explained>('/api/v1/audience/explain', JSON.parse(asked), signal),
    enabled: asked !== '' && where !== undefined,
    placeholderData: keepPreviousData,
    staleTime: 5000,
  });
}

interface Properties {
  properties: { name: string; kind: string; examples: string[] }[];
  events: string[];
}

export function useProperties() {
  const client = useClient();
  return useQuery({
    queryKey: ['properties'],
    queryFn: ({ signal }) => client.get<Properties>('/api/v1/properties', signal),
    staleTime: 60_000,
  });
}
