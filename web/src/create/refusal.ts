// Which step of the wizard a refusal of create.json is about: it names the key, and each key has its step. Pure.

export const stepTitles = ['What', 'To whom', 'Content', 'When', 'Guardrails', 'Review'] as const;

const keys: [RegExp, number][] = [
  [/guardrail|canary|error_rate|in_doubt_rate|expect_audience|max_per_run|hand_overs_per_minute/i, 4],
  [/campaign_cutoff|\bcut.?off|\bdnd\b|control_group|frequency_caps|limits?\b/i, 4],
  [/\bwhen\b|delivery_|timezone|repeat|start_time|end_by|in the past|date|schedule/i, 3],
  [/content|title|body|platform_specific|notification channel|subject|sender_name|webhook_|template|filter/i, 2],
  [/where|devices|segment|profile_fields|common_profile|query|event_name|did_/i, 1],
  [/\bname\b|label|provider|target_mode/i, 0],
];

/** The step; undefined where the refusal is about none, a latch say. */
export function stepOf(message: string): number | undefined {
  return keys.find(([key]) => key.test(message))?.[1];
}
