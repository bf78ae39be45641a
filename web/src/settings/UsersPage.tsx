import { Badge, Select, Table, Text } from '@mantine/core';
import { useState } from 'react';
import type { Role } from '../session/session';
import { useSession } from '../session/useSession';
import { inZone, viewerZone } from '../words/times';
import { AddUser } from './AddUser';
import { RowActions } from './RowActions';
import { SecretOnce, type Secret } from './SecretOnce';
import { SettingsPage } from './SettingsPage';
import { useChange, useThings } from './useThings';

export interface User {
  id: string;
  name: string;
  role: Role;
  has_password: boolean;
  created: string;
  link?: string;
}

export const roles = [
  { value: 'member', label: 'Member' },
  { value: 'creator', label: 'Creator' },
  { value: 'admin', label: 'Admin' },
];

/** The link as it is given to somebody. */
export const linkSecret = (user: User): Secret => ({
  title: `Link for ${user.name}`,
  says: 'Whoever opens it within the hour chooses the password. It works once.',
  text: `${location.origin}${user.link}`,
});

export default function UsersPage() {
  const list = useThings<{ users: User[] }>('users', '/api/v1/users');
  const [secret, setSecret] = useState<Secret>();
  return (
    <>
      <SettingsPage
        title="Users"
        says={
          <>
            People who sign in here. A Member sees; a Creator also makes, starts, pauses and stops campaigns; an
            Admin also manages what is on these pages.
          </>
        }
        add={<AddUser onAdded={(user) => setSecret(linkSecret(user))} />}
        error={list.error}
        rows={list.data?.users}
        empty="No users yet."
        heads={['Name', 'Role', 'Password', 'Since', '']}
      >
        {list.data?.users.map((user) => (
          <UserRow key={user.id} user={user} onSecret={setSecret} />
        ))}
      </SettingsPage>
      <SecretOnce secret={secret} onClose={() => setSecret(undefined)} />
    </>
  );
}

function UserRow({ user, onSecret }: { user: User; onSecret: (secret: Secret) => void }) {
  const me = useSession();
  const path = `/api/v1/users/${user.id}`;
  const change = useChange('users', (client, role: Role) => client.patch<User>(path, { role }));
  const remove = useChange('users', (client, _: void) => client.remove(path));
  const link = useChange('users', (client, _: void) => client.post<User>(`${path}/link`, {}));
  return (
    <Table.Tr>
      <Table.Td className="breakable" maw={260}>
        {user.name}{' '}
        {user.name === me.user && (
          <Badge size="xs" variant="light">
            you
          </Badge>
        )}
      </Table.Td>
      <Table.Td>
        <Select
          size="xs"
          w={120}
          aria-label={`Role of ${user.name}`}
          data={roles}
          value={user.role}
          allowDeselect={false}
          onChange={(role) => role && role !== user.role && change.mutate(role as Role)}
          error={change.error?.message}
        />
      </Table.Td>
      <Table.Td>
        <Text size="sm">{user.has_password ? 'chosen' : 'not chosen yet'}</Text>
      </Table.Td>
      <Table.Td>
        <Text size="sm">{inZone(user.created, viewerZone())}</Text>
      </Table.Td>
      <RowActions
        of={user.name}
        actions={[
          {
            label: 'New link',
            says: `New link for ${user.name}`,
            loading: link.isPending,
            onClick: () => link.mutate(undefined, { onSuccess: (made) => onSecret(linkSecret(made)) }),
          },
        ]}
        removal={{ ...remove, says: `${user.name} is signed out everywhere and cannot come back.` }}
      />
    </Table.Tr>
  );
}
