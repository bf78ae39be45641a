import { Alert, Anchor, Box, Button, Group, Skeleton, Stack, Text, Title } from '@mantine/core';
import { Link, useParams } from 'react-router-dom';
import { ApiError } from '../api/client';
import { isFinal } from '../campaigns/states';
import { AudienceCard } from './AudienceCard';
import { CampaignHead } from './CampaignHead';
import classes from './CampaignPage.module.css';
import { ContentCard } from './ContentCard';
import { CourseCard } from './CourseCard';
import { EngagementCard } from './EngagementCard';
import { ErrorsCard } from './ErrorsCard';
import { NumbersCard } from './NumbersCard';
import { PeopleCard } from './PeopleCard';
import { RunsCard, ScheduleCard } from './ScheduleCard';
import { TimelineCard } from './TimelineCard';
import { WavesCard } from './WavesCard';
import { useCampaign } from './useCampaign';

export default function CampaignPage() {
  const { id = '' } = useParams();
  const { data: campaign, error, refetch } = useCampaign(id);
  if (!campaign && error) return <NotShown error={error} id={id} onRetry={() => void refetch()} />;
  if (!campaign)
    return (
      <Stack>
        <Skeleton h={48} w="60%" />
        <Skeleton h={200} />
        <Skeleton h={300} />
      </Stack>
    );
  const moving = !isFinal(campaign.state) || !!campaign.counts?.in_flight;
  return (
    <Stack gap="md">
      <CampaignHead campaign={campaign} />
      <Box className={classes.grid}>
        <Stack gap="md" className={classes.column}>
          <NumbersCard campaign={campaign} />
          <EngagementCard campaign={campaign} />
          <CourseCard id={campaign.id} moving={moving} />
          <ErrorsCard id={campaign.id} moving={moving} />
          <TimelineCard id={campaign.id} moving={moving} />
        </Stack>
        <Stack gap="md" className={classes.column}>
          <ScheduleCard campaign={campaign} />
          <WavesCard campaign={campaign} />
          <RunsCard campaign={campaign} />
          <ContentCard campaign={campaign} />
          <AudienceCard campaign={campaign} />
        </Stack>
      </Box>
      <PeopleCard campaign={campaign} />
    </Stack>
  );
}

function NotShown({ error, id, onRetry }: { error: Error; id: string; onRetry: () => void }) {
  const missing = error instanceof ApiError && error.status === 404;
  return (
    <Stack>
      <Title order={1} size="h2">
        Campaign {id}
      </Title>
      <Alert
        color={missing ? 'gray' : 'red'}
        variant="light"
        role="alert"
        title={missing ? `There is no campaign ${id}` : 'This campaign cannot be shown'}
      >
        <Text size="sm">{missing ? 'It was never here, or it is another account’s.' : error.message}</Text>
        <Group mt="sm">
          <Anchor component={Link} to="/" underline="always">
            All campaigns
          </Anchor>
          {!missing && (
            <Button size="xs" variant="default" onClick={onRetry}>
              Try again
            </Button>
          )}
        </Group>
      </Alert>
    </Stack>
  );
}
