import type { Draft, Problems } from './draft';

/** What every step of the wizard gets. Problems are only shown once somebody wanted to go on. */
export interface StepProps {
  draft: Draft;
  change: (part: Partial<Draft>) => void;
  problems: Problems;
}
