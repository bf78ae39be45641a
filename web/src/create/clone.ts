// A campaign taken up again as a draft: its content and its audience. Never its schedule. Pure.
import type { Campaign } from '../api/types';
import { audienceFrom } from './audience';
import { emptyDraft, type Draft } from './draft';

const linkIn = (keys: Record<string, string> | undefined) => keys?.['deep_link'] ?? '';

export function cloneOf(campaign: Campaign): Draft {
  const { content, audience, guardrails } = campaign;
  const platforms = content?.platform_specific ?? {};
  const link = linkIn(platforms['android']);
  const sends = content as { profile_attributes?: boolean; tokens?: boolean; identities?: boolean } | undefined;
  const fields = [
    ...(sends?.profile_attributes ? ['profile-attributes'] : []),
    ...(sends?.tokens ? ['tokens'] : []),
    ...(sends?.identities ? ['identities'] : []),
  ];
  return {
    ...emptyDraft,
    ...audienceFrom(audience?.where),
    name: `${campaign.name} (copy)`,
    channel: campaign.channel,
    labels: campaign.labels,
    provider: campaign.provider ?? '',
    devices: audience?.devices ?? [],
    title: content?.title ?? '',
    body: content?.body ?? '',
    link: link && link === linkIn(platforms['ios']) ? link : '',
    notice: platforms['android']?.['wzrk_cid'] ?? '',
    platforms: JSON.stringify(platforms, null, 2),
    pairs: JSON.stringify(content?.webhook_key_value ?? {}, null, 2),
    fields,
    canary: guardrails?.canary,
    errorPercent: guardrails?.error_rate?.percent,
    inDoubtPercent: guardrails?.in_doubt_rate?.percent,
    expectAtMost: guardrails?.expect_audience_max,
    perMinute: guardrails?.max_hand_overs_per_minute,
    atMost: guardrails?.max_per_run,
    limit: campaign.reach?.users_limit_overall ?? undefined,
    controlPercent: campaign.reach?.control_group?.percentage,
    includeControl: campaign.reach?.system_control_group_include === false,
    respectCaps: campaign.reach?.respect_frequency_caps ?? true,
  };
}
