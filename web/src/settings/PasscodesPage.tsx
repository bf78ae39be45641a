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

const beside = (old?: Passcode) => (old ? ` ${old.prefix}… works until you remove it.` : '');

export default function PasscodesPage() {
  const { account } = useSession();
  const path = `/api/v1/accounts/${encodeURIComponent(account)}/passcodes`;
  const list = useThings<{ passcodes: Passcode[] }>('passcodes', path);
  const [secret, setSecret] = useState<Secret>();
  const add = useChange('passcodes', (client, _: void) => client.post<Passcode>(path, {}));
  const show = (made: Passcode, instead?: Passcode) =>
    setSecret({
      title: 'New passcode',
      says: `Programs send it as X-CleverTap-Passcode.${beside(instead)}`,
      text: made.passcode ?? '',
    });
  const rotate = (old: Passcode) => add.mutate(undefined, { onSuccess: (made) => show(made, old) });
  return (
    <>
      <SettingsPage
        title="Passcodes"
        says={
          <>
            What programs sign their calls with. Rotate makes another one beside it, so that nothing stands still:
            move the programs over, then remove the old one.
          </>
        }
        add={
          <Button
            loading={add.isPending}
            onClick={() => add.mutate(undefined, { onSuccess: (made) => show(made) })}
          >
            Add a passcode
          </Button>
        }
        error={list.error ?? add.error}
        rows={list.data?.passcodes}
        empty="No passcodes: no program can call."
        heads={['Begins with', 'Since', '']}
      >
        {list.data?.passcodes.map((p) => (
          <PasscodeRow key={p.id} passcode={p} path={path} onRotate={() => rotate(p)} />
        ))}
      </SettingsPage>
      <SecretOnce secret={secret} onClose={() => setSecret(undefined)} />
    </>
  );
}

interface RowProps {
  passcode: Passcode;
  path: string;
  onRotate: () => void;
}

function PasscodeRow({ passcode, path, onRotate }: RowProps) {
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
        actions={[{ label: 'Rotate', onClick: onRotate }]}
        removal={{ ...remove, says: 'Calls with it are refused from this moment on.' }}
      />
    </Table.Tr>
  );
}
