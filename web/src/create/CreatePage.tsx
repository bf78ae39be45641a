import { Alert, Anchor, Button, Center, Group, Loader, Paper, Stack, Stepper, Text, Title } from '@mantine/core';
import { useDebouncedCallback, useMediaQuery, useWindowEvent } from '@mantine/hooks';
import { useState } from 'react';
import { Link, useSearchParams } from 'react-router-dom';
import { Failure } from '../app/Failure';
import { useCampaign } from '../campaign/useCampaign';
import { maySend } from '../session/session';
import { useSession } from '../session/useSession';
import { randomKey } from '../stop/randomKey';
import { minuteIn } from '../words/times';
import { AudienceStep } from './AudienceStep';
import { BasicsStep } from './BasicsStep';
import { cloneOf } from './clone';
import { ContentStep } from './ContentStep';
import { emptyDraft, problemsOf, type Draft, type Problems } from './draft';
import { GuardrailsStep } from './GuardrailsStep';
import { stepTitles } from './refusal';
import { ReviewStep } from './ReviewStep';
import { ScheduleStep } from './ScheduleStep';
import { useDraft, useKeepDraft, useRemoveDraft } from './useDrafts';

/** A new campaign: from nothing, from another campaign, or from a draft. */
export default function CreatePage() {
  const [params] = useSearchParams();
  const { role } = useSession();
  const cloned = params.get('clone');
  if (!maySend(role))
    return (
      <Stack maw={860}>
        <Title order={1} size="h2">
          New campaign
        </Title>
        <Alert color="gray" variant="light" role="alert">
          A Member sees campaigns, and makes none. An Admin changes roles under Users.
        </Alert>
      </Stack>
    );
  return cloned ? <Clone of={cloned} /> : <New id={params.get('draft')} />;
}

function Clone({ of }: { of: string }) {
  const campaign = useCampaign(of);
  if (campaign.error) return <Failure of={campaign.error} />;
  return campaign.data ? <Wizard key={of} id={null} first={cloneOf(campaign.data)} from={of} /> : waiting;
}

const waiting = (
  <Center p="xl">
    <Loader aria-label="Loading" />
  </Center>
);

function New({ id }: { id: string | null }) {
  const kept = useDraft(id);
  if (id && kept.isPending) return waiting;
  if (id && kept.error) return <Failure of={kept.error} />;
  return <Wizard key={id} id={id} first={kept.data ?? emptyDraft} />;
}

const titles = stepTitles;
const lastStep = titles.length - 1;
const fieldsOf: (keyof Problems)[][] = [
  ['name'],
  ['audience'],
  ['title', 'body', 'notice', 'platforms', 'pairs', 'sender', 'subject', 'html', 'text'],
  ['when'],
  [],
  [],
];

interface WizardProps {
  id: string | null;
  first: Draft;
  /** The campaign that it is a copy of. */
  from?: string;
}

function Wizard({ id, first, from }: WizardProps) {
  const [draftId] = useState(() => id ?? randomKey());
  const [draft, setDraft] = useState(first);
  const [step, setStep] = useState(0);
  const [tried, setTried] = useState(0); // steps up to this one show what they miss
  const phone = useMediaQuery('(max-width: 48em)');
  const keep = useKeepDraft(draftId);
  const remove = useRemoveDraft();
  const keepLater = useDebouncedCallback((next: Draft) => keep.mutate(next), { delay: 600, flushOnUnmount: true });
  useWindowEvent('pagehide', () => keepLater.flush());
  const change = (part: Partial<Draft>) => {
    const next = { ...draft, ...part };
    setDraft(next);
    keepLater(next);
  };
  const { timezone } = useSession();
  const problems = problemsOf(draft, timezone ? minuteIn(timezone, new Date()) : '');
  const goTo = (to: number) => {
    setTried((old) => Math.max(old, to));
    const stuck = to > step && fieldsOf[step]!.some((field) => problems[field]);
    if (!stuck) setStep(to);
    else setTried((old) => Math.max(old, step + 1));
  };
  const props = { draft, change, problems: step < tried ? problems : {} };
  const created = () => {
    keepLater.cancel();
    if (keep.isSuccess || id) remove.mutate(draftId);
  };
  const isKept = keep.isSuccess && keep.variables === draft;
  const keptInWords = keep.isError
    ? 'The draft could not be kept'
    : isKept
      ? 'Kept as a draft'
      : draft === first
        ? ''
        : 'Keeping it…';
  return (
    <Stack maw={860}>
      <Title order={1} size="h2">
        New campaign
      </Title>
      {from && (
        <Text size="sm" c="dimmed">
          With the content and the audience of{' '}
          <Anchor component={Link} to={`/campaigns/${from}`} underline="always">
            campaign {from}
          </Anchor>
          . It has no schedule of its own yet.
        </Text>
      )}
      <Stepper
        active={step}
        onStepClick={goTo}
        size="xs"
        iconSize={28}
        orientation="horizontal"
        allowNextStepsSelect={false}
      >
        {titles.map((title) => (
          <Stepper.Step key={title} label={phone ? undefined : title} aria-label={title} />
        ))}
      </Stepper>
      <Paper withBorder p="lg" component="section" aria-label={titles[step]}>
        <Stack>
          <Title order={2} size="h4">
            {titles[step]}
          </Title>
          {step === 0 && <BasicsStep {...props} />}
          {step === 1 && <AudienceStep {...props} />}
          {step === 2 && <ContentStep {...props} />}
          {step === 3 && <ScheduleStep {...props} />}
          {step === 4 && <GuardrailsStep {...props} />}
          {step === 5 && <ReviewStep draft={draft} problems={problems} onCreated={created} onStep={setStep} />}
        </Stack>
      </Paper>
      <Group justify="space-between">
        <Button variant="default" disabled={step === 0} onClick={() => goTo(step - 1)}>
          Back
        </Button>
        <Text size="xs" c="dimmed" role="status">
          {keptInWords}
        </Text>
        {step < lastStep && <Button onClick={() => goTo(step + 1)}>Next</Button>}
      </Group>
    </Stack>
  );
}
