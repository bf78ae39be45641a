import { Drawer, Text } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import type { ReactNode } from 'react';
import classes from './SideSheet.module.css';

interface Props {
  opened: boolean;
  onClose: () => void;
  onClosed?: () => void;
  title: string;
  children: ReactNode;
}

/** A sheet from the side; on a phone from below, as high as it must be, where the thumb is. */
export function SideSheet({ opened, onClose, onClosed, title, children }: Props) {
  const phone = useMediaQuery('(max-width: 40em)');
  return (
    <Drawer
      opened={opened}
      onClose={onClose}
      onExitTransitionEnd={onClosed}
      position={phone ? 'bottom' : 'right'}
      size={phone ? '100%' : 'md'}
      classNames={phone ? { content: classes.low, inner: classes.thumb } : undefined}
      title={
        <Text component="span" fw={650} className="clamped" dir="auto">
          {title}
        </Text>
      }
      closeButtonProps={{ 'aria-label': 'Close' }}
      overlayProps={{ backgroundOpacity: 0.35 }}
    >
      {children}
    </Drawer>
  );
}
