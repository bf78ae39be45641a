// The filters as people know them, kept in the address so that a view can be sent to somebody.
import type { State } from '../api/types';

export interface Filter {
  key: string;
  label: string;
  /** States it asks the server for; none: all. */
  states: State[];
  /** Recurring campaigns between two runs. */
  awaitingNextRun?: boolean;
}

export const filters: Filter[] = [
  { key: 'all', label: 'All', states: [] },
  { key: 'running', label: 'Running', states: ['running', 'planning'] },
  { key: 'scheduled', label: 'Scheduled', states: ['scheduled'] },
  { key: 'awaiting', label: 'Awaiting next run', states: [], awaitingNextRun: true },
  { key: 'paused', label: 'Paused', states: ['paused'] },
  { key: 'stopped', label: 'Stopped', states: ['stopped'] },
  { key: 'completed', label: 'Completed', states: ['completed'] },
  { key: 'missed', label: 'Missed', states: ['missed'] },
  // Not campaigns yet: a list of its own.
  { key: 'draft', label: 'Drafts', states: [] },
];

export const filterOf = (key: string | null) => filters.find((f) => f.key === key) ?? filters[0]!;
