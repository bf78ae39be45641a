import { Button, Table, Text } from '@mantine/core';
import { useState } from 'react';
import type { components } from '../api/schema.gen';
import { useSession } from '../session/useSession';
import { inZone, viewerZone } from '../words/times';
import { RowActions } from './RowActions';
import { SecretOnce, type Secret } from './SecretOnce';
import { SettingsPage } from './SettingsPage';
import { useChange, useThings } from './useThings';

type Passcode = components['schemas']['Passcode'];

export default function PasscodesPage() {
  const { account } = useSession();
  const path = `/api/v1/accounts/${encodeURIComponent(account)}/passcodes`;
  const list = useThings<{ passcodes: Passcode[] }>('passcodes', path);
  const [secret, setSecret] = useState<Secret>();
  const add = useChange('passcodes', (client, _: void) => client.post<Passcode>(path, {}));
  const show = (made: Passcode) =>
    setSecret({
      title: 'New passcode',
      says: 'Programs send it as X-CleverTap-Passcode.',
      text: made.passcode ?? '',
    });
  return (
    <>
      <SettingsPage
        title="Passcodes"
        says={
          <>
            What programs sign their calls with. To change one without a gap: add the new one, move the programs
            over, remove the old one.
          </>
        }
        add={
          <Button loading={add.isPending} onClick={() => add.mutate(undefined, { onSuccess: show })}>
            Add a passcode
          </Button>
        }
        error={list.error ?? add.error}
        rows={list.data?.passcodes}
        empty="No passcodes: no program can call."
        heads={['Begins with', 'Since', '']}
      >
        {list.data?.passcodes.map((p) => (
          <PasscodeRow key={p.id} passcode={p} path={path} />
        ))}
      </SettingsPage>
      <SecretOnce secret={secret} onClose={() => setSecret(undefined)} />
    </>
  );
}

function PasscodeRow({ passcode, path }: { passcode: Passcode; path: string }) {
  const remove = useChange('passcodes', (client, _: void) =>
    client.remove(`${path}/${encodeURIComponent(passcode.id)}`),
  );
  return (
    <Table.Tr>
      <Table.Td>
        <Text ff="monospace" size="sm">
          {passcode.prefix}…
        </Text>
      </Table.Td>
      <Table.Td>{inZone(passcode.created, viewerZone())}</Table.Td>
      <RowActions
        of={`passcode ${passcode.prefix}…`}
        actions={[]}
        removal={{ ...remove, says: 'Calls with it are refused from this moment on.' }}
      />
    </Table.Tr>
  );
}
