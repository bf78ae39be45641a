import { Button } from '@mantine/core';
import { Failure } from '../app/Failure';
import { count } from '../words/numbers';
import type { useAct } from './useCampaign';
import { When } from './When';

interface Props {
  when: string | undefined;
  onWhen: (when: string | undefined) => void;
  act: ReturnType<typeof useAct>;
  /** undefined: not known. */
  people: number | undefined;
  ready: boolean;
  onSend: () => void;
}

/** The foot of the sheets that make a campaign out of another: when, what went wrong, and to how many. */
export function FollowUpFoot({ when, onWhen, act, people, ready, onSend }: Props) {
  return (
    <>
      <When value={when} onChange={onWhen} />
      <Failure of={act.error} />
      <Button size="md" loading={act.isPending} disabled={!ready || when === ''} onClick={onSend}>
        {when === undefined ? 'Send' : 'Schedule'}
        {people === undefined ? '' : ` to ${count(people)}`}
      </Button>
    </>
  );
}
