import { Alert } from '@mantine/core';
import { ApiError } from '../api/client';

/** A stop without an answer: what that means, and what to do. */
export function StopProblem({ error }: { error: Error }) {
  const offline = error instanceof ApiError && error.offline;
  return (
    <Alert color="red" variant="light" role="alert" title={offline ? 'No answer came' : 'It was not stopped'}>
      {offline
        ? 'The stop may have arrived or not. Trying again is safe: it is the same stop. ' +
          'On the server itself: belay stop.'
        : error.message}
    </Alert>
  );
}
