import { Group, Text } from '@mantine/core';
import { useInterval } from '@mantine/hooks';
import { useEffect, useState } from 'react';
import { Card } from '../campaign/Card';
import { useSession } from '../session/useSession';
import { CopyId } from '../words/CopyId';
import { inZone, viewerZone } from '../words/times';

/** Which account this is, and what time it is there. */
export function AccountCard() {
  const { account, timezone } = useSession();
  const [now, setNow] = useState(() => new Date());
  const tick = useInterval(() => setNow(new Date()), 10_000);
  useEffect(() => {
    tick.start();
    return tick.stop;
    // eslint-disable-next-line react-hooks/exhaustive-deps -- tick is new at every render
  }, []);
  const rows: [string, React.ReactNode][] = [
    ['Account', <CopyId key="id" id={account} of="account" />],
    ...(timezone ? [['Its zone', `${timezone}: ${inZone(now, timezone)}`] as [string, string]] : []),
    ['Yours', `${viewerZone()}: ${inZone(now, viewerZone())}`],
  ];
  return (
    <Card title="Account">
      {rows.map(([label, value]) => (
        <Group key={label} gap="sm" wrap="nowrap" align="start">
          <Text size="sm" c="dimmed" w={90} flex="none">
            {label}
          </Text>
          <Text size="sm" component="div" className="breakable">
            {value}
          </Text>
        </Group>
      ))}
      <Text size="xs" c="dimmed">
        Campaigns’ times are in the account’s zone. It is set at the server itself: <code>belay account add</code>,
        or <code>account.timezone</code> in its configuration.
      </Text>
    </Card>
  );
}
