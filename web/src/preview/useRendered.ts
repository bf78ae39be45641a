import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useClient } from '../api/Server';

export interface Rendered {
  /** By platform, each with its texts; null where this person can't have one. */
  rendered: Record<string, Record<string, string | null>>;
  /** The fields that this person can't have: they would be skipped. */
  failed: string[];
}

/** The keys of create.json that make the content. */
export type Made = { target_mode: string } & Record<string, unknown>;

function useAsked(asked: object | undefined) {
  const client = useClient();
  const [text] = useDebouncedValue(asked ? JSON.stringify(asked) : '', 400);
  return useQuery({
    queryKey: ['rendered', text],
    queryFn: ({ signal }) => client.ask<Rendered>('/api/v1/content/render', JSON.parse(text), signal),
    enabled: text !== '' && asked !== undefined,
    placeholderData: keepPreviousData,
    staleTime: 30_000,
  });
}

/** The content as one person would get it; nothing while nobody is named. */
export const useRendered = (made: Made | undefined, identity: string) =>
  useAsked(made && identity.trim() ? { ...made, identity: identity.trim() } : undefined);

/** Whether the content is sound, for somebody without any property. */
export const useSound = (made: Made | undefined) => useAsked(made ? { ...made, profile: {} } : undefined);
