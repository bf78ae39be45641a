import { useQuery } from '@tanstack/react-query';

/** Whether this server is a demo, which lets anybody in with one click: the 401 of the session says so. */
export function useDemo(): boolean {
  const { data } = useQuery({
    queryKey: ['session', 'demo'],
    queryFn: async () => {
      const response = await fetch('/api/v1/session', { credentials: 'same-origin' });
      const body = (await response.json()) as { demo?: boolean; error?: { demo?: boolean } };
      return body.demo ?? body.error?.demo ?? false;
    },
    staleTime: Infinity,
  });
  return data ?? false;
}
