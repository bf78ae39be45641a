import { Alert, Button, Group, Text } from '@mantine/core';

interface Put {
  error: Error | null;
  isPending: boolean;
  isSuccess: boolean;
}

/** The end of a form of settings: what was wrong, the button, and that it is kept. */
export function SaveFoot({ what, put }: { what: string; put: Put }) {
  return (
    <>
      {put.error && (
        <Alert color="red" variant="light" role="alert">
          {put.error.message}
        </Alert>
      )}
      <Group>
        <Button type="submit" variant="default" loading={put.isPending}>
          Save {what}
        </Button>
        <Text size="sm" role="status" c="dimmed">
          {put.isSuccess ? 'Saved: it holds from now on' : ''}
        </Text>
      </Group>
    </>
  );
}
