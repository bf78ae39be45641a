import { Alert } from '@mantine/core';

/** Says that something did not work and why, in the server's words; nothing while there is no error. */
export function Failure({ of: error }: { of: Error | null | undefined }) {
  if (!error) return null;
  return (
    <Alert color="red" variant="light" role="alert">
      {error.message}
    </Alert>
  );
}
