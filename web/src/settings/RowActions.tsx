import { Button, Group, Table } from '@mantine/core';
import { ConfirmButton } from './ConfirmButton';

interface Removal {
  says: string;
  isPending: boolean;
  error: Error | null;
  mutate: () => void;
}

interface Props {
  /** What the row is of: for a screen reader. */
  of: string;
  actions: { label: string; says?: string; loading?: boolean; onClick: () => void }[];
  removal?: Removal;
}

/** The last cell of a row: what can be done with it. */
export function RowActions({ of, actions, removal }: Props) {
  return (
    <Table.Td>
      <Group gap="xs" justify="end" wrap="nowrap">
        {actions.map(({ label, says, loading, onClick }) => (
          <Button
            key={label}
            size="xs"
            variant="default"
            aria-label={says ?? `${label} ${of}`}
            loading={loading}
            onClick={onClick}
          >
            {label}
          </Button>
        ))}
        {removal && (
          <ConfirmButton
            label="Remove"
            of={of}
            says={removal.says}
            loading={removal.isPending}
            error={removal.error}
            onConfirmed={removal.mutate}
          />
        )}
      </Group>
    </Table.Td>
  );
}
