// What a campaign's state means to people: its name, its colour, what can be done in it.
import type { Campaign, State } from '../api/types';

interface Shown {
  label: string;
  color: string;
  says: string;
}

export const states: Record<State, Shown> = {
  scheduled: { label: 'Scheduled', color: 'blue', says: 'Starts at its time' },
  planning: { label: 'Starting', color: 'cyan', says: 'Its audience is being worked out' },
  running: { label: 'Running', color: 'green', says: 'Messages are leaving' },
  paused: { label: 'Paused', color: 'yellow', says: 'Nothing leaves until somebody resumes it' },
  stopped: { label: 'Stopped', color: 'red', says: 'Not one more message leaves' },
  completed: { label: 'Completed', color: 'gray', says: 'Everybody was served' },
  missed: { label: 'Missed', color: 'orange', says: 'Its time passed while it could not start' },
};

const between: Shown = { label: 'Awaiting next run', color: 'violet', says: 'It has run, and will again' };

/** A recurring campaign between two runs is scheduled, and people call it by another name. */
export const shownState = (campaign: Pick<Campaign, 'state'> & { awaiting_next_run?: boolean }): Shown =>
  campaign.awaiting_next_run && campaign.state === 'scheduled' ? between : states[campaign.state];

export const isFinal = (state: State) => state === 'stopped' || state === 'completed' || state === 'missed';
export const isLive = (state: State) => state === 'running' || state === 'planning';
export const canStop = (state: State) => !isFinal(state);
export const canPause = (state: State) => !isFinal(state) && state !== 'paused';
export const canResume = (state: State) => state === 'paused';
/** Continue with the rest, or correct those reached: when it is over and somebody is there for it. */
export const canFollowUp = (state: State) => state === 'stopped' || state === 'completed';
