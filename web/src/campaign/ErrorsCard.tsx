import { Anchor, Stack, Text } from '@mantine/core';
import { Link } from 'react-router-dom';
import { count } from '../words/numbers';
import { Card } from './Card';
import { useErrors, type ErrorGroup } from './useCampaign';

/** Those who did not get it, grouped by why, each group with examples. Not there when there are none. */
export function ErrorsCard({ id, moving }: { id: number; moving: boolean }) {
  const { data } = useErrors(id, moving);
  if (!data || data.errors.length === 0) return null;
  return (
    <Card title="Provider answers">
      <Stack gap="sm" component="ul" p={0} m={0} style={{ listStyle: 'none' }}>
        {data.errors.map((group) => (
          <Group key={`${group.outcome} ${group.reason}`} id={id} group={group} />
        ))}
      </Stack>
    </Card>
  );
}

function Group({ id, group }: { id: number; group: ErrorGroup }) {
  return (
    <li>
      <Text size="sm">
        <Anchor component={Link} to={`/campaigns/${id}?people=${group.outcome}#people`} underline="always">
          {count(group.recipients)} {group.outcome.replace('_', ' ')}
        </Anchor>
        : {group.in_words}
      </Text>
      <Text size="xs" c="dimmed" className="breakable">
        For example {group.examples.map((e) => e.identity || e.objectId).join(', ')}
      </Text>
    </li>
  );
}
