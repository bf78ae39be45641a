import { Button } from '@mantine/core';
import { useDisclosure, useMediaQuery } from '@mantine/hooks';
import { StopIcon } from '@radix-ui/react-icons';
import { SideSheet } from '../app/SideSheet';
import { maySend } from '../session/session';
import { useSession } from '../session/useSession';
import { StopEverythingForm } from './StopEverythingForm';

/** Always in the header. Opens a sheet; the stop itself is a button held down there. */
export function StopEverything() {
  const [opened, { open, close }] = useDisclosure();
  const phone = useMediaQuery('(max-width: 40em)');
  const { role } = useSession();
  return (
    <>
      <Button
        color="red.9"
        leftSection={<StopIcon />}
        onClick={open}
        disabled={!maySend(role)}
        title={maySend(role) ? undefined : 'A Member may not stop anything'}
        px={phone ? 'xs' : 'md'}
      >
        Stop everything
      </Button>
      <SideSheet opened={opened} onClose={close} title="Stop everything">
        <StopEverythingForm active={opened} onClose={close} />
      </SideSheet>
    </>
  );
}
