import { Alert } from '@mantine/core';
import { useEffect, useState } from 'react';
import { span } from '../words/times';

const saysNothingFor = 3; // seconds

/** A stop that is on its way and has no answer yet: after a few seconds it says so. */
export function StopAwaited() {
  const [seconds, setSeconds] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => setSeconds((n) => n + 1), 1000);
    return () => clearInterval(timer);
  }, []);
  if (seconds < saysNothingFor) return null;
  return (
    <Alert color="orange" variant="light" role="status" title="No answer yet">
      The stop was sent {span(seconds)} ago. It goes on if this sheet is closed. On the server itself:{' '}
      <code>belay stop</code>.
    </Alert>
  );
}
