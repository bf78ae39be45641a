// The sheet that stands between the first click on Stop and the second.
import { createContext, useCallback, useContext, useState, type ReactNode } from 'react';
import { SideSheet } from '../app/SideSheet';
import { StopForm } from './StopForm';

export interface StopTarget {
  campaign: number;
  name: string;
}

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
          <StopForm key={target.campaign} scope={{ campaign: target.campaign }} onClose={close} active={opened} />
        )}
      </SideSheet>
    </Context.Provider>
  );
}
