import { Stack, Title } from '@mantine/core';
import { AccountCard } from './AccountCard';
import { AccountGuardrails } from './AccountGuardrails';
import { ConfirmCard } from './ConfirmCard';
import { ReachCard } from './ReachCard';
import { YouCard } from './YouCard';

/** The account's own settings, and the viewer's. */
export default function AccountPage() {
  return (
    <Stack maw={760}>
      <Title order={1} size="h2">
        Settings
      </Title>
      <AccountCard />
      <ConfirmCard />
      <AccountGuardrails />
      <ReachCard />
      <YouCard />
    </Stack>
  );
}
