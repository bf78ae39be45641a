import { Alert, Button, Group, Paper, Skeleton, Stack, Text, Title } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import type { CampaignPage, Channel } from '../api/types';
import { count } from '../words/numbers';
import { CampaignCards } from './CampaignCards';
import { CampaignTable } from './CampaignTable';
import { pageSize, type Wanted } from './listing';
import { useCampaigns } from './useCampaigns';

interface Props {
  channel: Channel;
  wanted: Wanted;
  onChange: (part: Partial<Wanted>) => void;
}

const names: Record<Channel, string> = { push: 'Push', webhook: 'Webhook' };

/** One channel's campaigns. Channels without any are left out; Push, where people look first, never is. */
export function ChannelSection({ channel, wanted, onChange }: Props) {
  const { page, number, next, back } = useCampaigns(channel, wanted);
  const phone = useMediaQuery('(max-width: 48em)');
  const rows = page.data?.campaigns;
  if (channel !== 'push' && number === 1 && !page.isError && !rows?.length) return null;
  const open = (part: Partial<Wanted>) => onChange(part);
  return (
    <Stack gap="xs" component="section" aria-label={names[channel]}>
      <Group gap="xs" align="baseline">
        <Title order={2} size="h4">
          {names[channel]}
        </Title>
        {page.data && (
          <Text size="sm" c="dimmed" className="numbers">
            {totalInWords(page.data)}
          </Text>
        )}
      </Group>
      {page.isError && !page.data && (
        <Alert color="red" variant="light" role="alert">
          {page.error.message}{' '}
          <Button size="compact-xs" variant="default" onClick={() => void page.refetch()}>
            Try again
          </Button>
        </Alert>
      )}
      {page.isPending && (
        <Stack gap="xs">
          {[1, 2, 3].map((n) => (
            <Skeleton key={n} h={64} />
          ))}
        </Stack>
      )}
      {rows?.length === 0 && <Empty wanted={wanted} />}
      {rows &&
        rows.length > 0 &&
        (phone ? <CampaignCards rows={rows} /> : <CampaignTable rows={rows} wanted={wanted} onChange={open} />)}
      {(next || back) && (
        <Group gap="xs" justify="end">
          <Text size="sm" c="dimmed" className="numbers">
            Page {count(number)}
          </Text>
          <Button size="xs" variant="default" disabled={!back} onClick={back}>
            Back
          </Button>
          <Button size="xs" variant="default" disabled={!next} onClick={next}>
            Next
          </Button>
        </Group>
      )}
    </Stack>
  );
}

function totalInWords(page: CampaignPage): string {
  if (page.total == null) return '';
  return page.more_than_total ? `more than ${count(page.total)}` : count(page.total);
}

function Empty({ wanted }: { wanted: Wanted }) {
  const narrowed = wanted.filter !== 'all' || wanted.text || wanted.label || wanted.series;
  return (
    <Paper withBorder p="xl" ta="center">
      <Text fw={600}>{narrowed ? 'No campaign matches' : 'No campaigns yet'}</Text>
      <Text size="sm" c="dimmed">
        {narrowed
          ? 'Another filter or another search may find it.'
          : `Campaigns that programs create with create.json appear here at once, ${pageSize} a page.`}
      </Text>
    </Paper>
  );
}
