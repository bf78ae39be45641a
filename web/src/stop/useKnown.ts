// What there is to choose from when something wide is to be stopped. It only helps: everything can be typed, too.
import { useQueryClient } from '@tanstack/react-query';
import type { CampaignPage, Provider } from '../api/types';
import { useSession } from '../session/useSession';
import { useThings } from '../settings/useThings';

/** The labels of the campaigns that this page has seen. */
export function useKnownLabels(): string[] {
  const pages = useQueryClient().getQueriesData<CampaignPage>({ queryKey: ['campaigns'] });
  const labels = pages.flatMap(([, page]) => page?.campaigns.flatMap((campaign) => campaign.labels) ?? []);
  return [...new Set(labels)].sort();
}

export function useKnownProviders(wanted: boolean): string[] {
  const { account } = useSession();
  const path = `/api/v1/accounts/${encodeURIComponent(account)}/providers`;
  const { data } = useThings<{ providers: Provider[] }>('providers', path, wanted);
  return data?.providers.map((provider) => provider.nick_name) ?? [];
}
