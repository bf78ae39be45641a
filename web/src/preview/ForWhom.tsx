import { Text, TextInput } from '@mantine/core';
import type { Rendered } from './useRendered';

interface Props {
  identity: string;
  onIdentity: (identity: string) => void;
  answer: { data?: Rendered; error: Error | null };
}

/** Whom the preview is for: it then shows what this person would get. */
export function ForWhom({ identity, onIdentity, answer }: Props) {
  const failed = identity.trim() ? (answer.data?.failed ?? []) : [];
  return (
    <>
      <TextInput
        size="xs"
        label="As it is for"
        placeholder="A person’s identity"
        autoCapitalize="off"
        spellCheck={false}
        value={identity}
        onChange={(e) => onIdentity(e.currentTarget.value)}
        error={identity.trim() ? answer.error?.message : undefined}
      />
      {failed.length > 0 && (
        <Text size="sm" role="status" c="var(--mantine-color-error)" className="breakable">
          This person can’t have {failed.join(', ')}, and would be skipped.
        </Text>
      )}
    </>
  );
}
