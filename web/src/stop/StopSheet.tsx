// The sheet that stands between the first click on Stop and the second.
import { Drawer, Text } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { createContext, useCallback, useContext, useState, type ReactNode } from 'react';
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
  const phone = useMediaQuery('(max-width: 40em)');
  const open = useCallback((next: StopTarget) => {
    setTarget(next);
    setOpened(true);
  }, []);
  const close = useCallback(() => setOpened(false), []);
  return (
    <Context.Provider value={open}>
      {children}
      <Drawer
        opened={opened}
        onClose={close}
        onExitTransitionEnd={() => setTarget(null)}
        position={phone ? 'bottom' : 'right'}
        size={phone ? 'auto' : 'md'}
        title={<Text fw={650} className="breakable">Stop “{target?.name}”</Text>}
        closeButtonProps={{ 'aria-label': 'Close' }}
        overlayProps={{ backgroundOpacity: 0.35 }}
      >
        {target && (
          <StopForm key={target.campaign} scope={{ campaign: target.campaign }} onClose={close} active={opened} />
        )}
      </Drawer>
    </Context.Provider>
  );
}
