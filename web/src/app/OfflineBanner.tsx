import { Alert } from '@mantine/core';
import { useEffect, useState, useSyncExternalStore } from 'react';
import { useServer } from '../api/Server';
import { span } from '../words/times';

/** Says that the server is out of reach and how old the numbers are; marks the numbers meanwhile. */
export function OfflineBanner() {
  const { freshness } = useServer();
  const lost = useSyncExternalStore(freshness.subscribe, () => freshness.read().lost);
  const [now, setNow] = useState(Date.now);

  useEffect(() => {
    document.body.toggleAttribute('data-stale', lost);
    setNow(Date.now());
    const timer = setInterval(() => (lost ? setNow(Date.now()) : freshness.look()), 1000);
    return () => clearInterval(timer);
  }, [lost, freshness]);

  if (!lost) return null;
  const age = span((now - freshness.read().lastAnswer) / 1000);
  return (
    <Alert color="orange" variant="light" title="The server cannot be reached" role="status">
      The numbers are {age} old. A stop is still sent the moment you ask for it, and says whether it arrived; on the
      server itself <code>belay stop</code> works without this page.
    </Alert>
  );
}
