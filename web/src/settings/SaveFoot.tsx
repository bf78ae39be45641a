import { Button, Group, Text } from '@mantine/core';
import { Failure } from '../app/Failure';

interface Put {
  error: Error | null;
  isPending: boolean;
  isSuccess: boolean;
}

/** The end of a form of settings: what was wrong, the button, and that it is kept. */
export function SaveFoot({ what, put }: { what: string; put: Put }) {
  return (
    <>
      <Failure of={put.error} />
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
