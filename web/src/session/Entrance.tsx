import { Center, Paper, Stack } from '@mantine/core';
import type { ReactNode } from 'react';
import { Logo } from '../app/Logo';

/** The frame of the pages before one is signed in. */
export function Entrance({ children }: { children: ReactNode }) {
  return (
    <Center component="main" mih="100dvh" p="md">
      <Paper withBorder p="xl" radius="lg" w={380} maw="100%" bg="var(--belay-card)">
        <Stack>
          <Logo />
          {children}
        </Stack>
      </Paper>
    </Center>
  );
}
