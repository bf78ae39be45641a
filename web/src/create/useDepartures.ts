import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useClient } from '../api/Server';
import { whereOf } from './audience';
import { isSendable, type Draft } from './draft';
import { scheduleProblem, whenOf } from './schedule';

interface Departures {
  recipients: number;
  /** How many leave when, by where they are. */
  waves: { timezone: string; recipients: number; in_words: string }[];
  /** Those who would get nothing, by reason. */
  left_out: Record<string, number>;
  /** Of a large audience the waves are counted on a part. */
  approximate?: boolean;
  /** The rules beyond the time. */
  in_words?: string;
}

/** When the draft would leave, and for whom; asked a moment after the last change. */
export function useDepartures(draft: Draft) {
  const client = useClient();
  const where = whereOf(draft);
  const whole = where && isSendable(draft.channel) && !scheduleProblem(draft.schedule);
  const [asked] = useDebouncedValue(
    whole
      ? JSON.stringify({
          where,
          target_mode: draft.channel,
          ...(draft.channel === 'push' && draft.devices.length > 0 ? { devices: draft.devices } : {}),
          ...(draft.provider ? { provider_nick_name: draft.provider } : {}),
          when: whenOf(draft.schedule),
        })
      : '',
    400,
  );
  return useQuery({
    queryKey: ['departures', asked],
    queryFn: ({ signal }) => client.ask<Departures>('/api/v1/schedule/preview', JSON.parse(asked), signal),
    enabled: asked !== '' && whole === true,
    placeholderData: keepPreviousData,
    staleTime: 5000,
  });
}
