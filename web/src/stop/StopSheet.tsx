// The sheet that stands between the first click on Stop and the second.
import { createContext, useCallback, useContext, useState, type ReactNode } from 'react';
import type { Campaign } from '../api/types';
import { SideSheet } from '../app/SideSheet';
import { outlookFrom, type Foreseen } from './outlook';
import { StopForm } from './StopForm';

export interface StopTarget {
  campaign: number;
  name: string;
  /** What the page knew when the sheet was asked for: shown at once, until the server foresees it itself. */
  known?: Foreseen;
}

export const targetOf = (campaign: Campaign): StopTarget => ({
  campaign: campaign.id,
  name: campaign.name,
  known: outlookFrom(campaign),
});

const Context = createContext<(target: StopTarget) => void>(() => undefined);

/** Opens the sheet for a campaign. It stops nothing by itself. */
export const useStopSheet = () => useContext(Context);

export function StopSheetProvider({ children }: { children: ReactNode }) {
  const [target, setTarget] = useState<StopTarget | null>(null);
  const [opened, setOpened] = useState(false);
  const open = useCallback((next: StopTarget) => {
    setTarget(next);
    setOpened(true);
  }, []);
  const close = useCallback(() => setOpened(false), []);
  return (
    <Context.Provider value={open}>
      {children}
      <SideSheet opened={opened} onClose={close} onClosed={() => setTarget(null)} title={`Stop “${target?.name}”`}>
        {target && (
          <StopForm
            key={target.campaign}
            scope={{ campaign: target.campaign }}
            known={target.known}
            onClose={close}
            active={opened}
          />
        )}
      </SideSheet>
    </Context.Provider>
  );
}
