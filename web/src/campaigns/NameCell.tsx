import { Anchor, Group, Pill, Stack } from '@mantine/core';
import { Link } from 'react-router-dom';
import { CopyId } from '../words/CopyId';
import type { Campaign } from '../api/types';

/** Name, id and labels. The name may be in any script, and long. */
export function NameCell({ campaign }: { campaign: Campaign }) {
  return (
    <Stack gap={2} align="start">
      <Anchor
        component={Link}
        to={`/campaigns/${campaign.id}`}
        fw={600}
        dir="auto"
        className="clamped"
        title={campaign.name}
        underline="hover"
      >
        {campaign.name || '(no name)'}
      </Anchor>
      <Group gap={6}>
        <CopyId id={campaign.id} />
        {campaign.series != null && (
          <Anchor component={Link} size="xs" to={`/campaigns/${campaign.series}`} underline="always">
            run {campaign.occurrence}
          </Anchor>
        )}
        {campaign.labels.slice(0, 4).map((label) => (
          <Pill
            key={label}
            size="xs"
            component={Link}
            {...{ to: `/?label=${encodeURIComponent(label)}` }}
            title={label}
            maw={160}
          >
            {label}
          </Pill>
        ))}
      </Group>
    </Stack>
  );
}
