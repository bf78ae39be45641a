import { afterEach, describe, expect, it, vi } from 'vitest';
import { ApiError, createClient, query, refusal } from './client';

const answer = (status: number, body: unknown) => new Response(JSON.stringify(body), { status });

describe('client', () => {
  it('sends a stop although every place for data is taken', async () => {
    const asked: string[] = [];
    const client = createClient(() => 'token', (async (path: string) => {
      asked.push(path);
      return path === '/stop' ? answer(200, { id: 'stop-1' }) : new Promise<Response>(() => undefined);
    }) as typeof fetch);
    for (let i = 0; i < 20; i += 1) void client.get(`/slow/${i}`);
    await expect(client.urgent('/stop', {})).resolves.toEqual({ id: 'stop-1' });
    expect(asked.filter((path) => path.startsWith('/slow')).length).toBeLessThanOrEqual(3);
  });

  it('sends the CSRF token with what changes something, and only with that', async () => {
    const seen: (string | undefined)[] = [];
    const client = createClient(() => 'token', (async (_: string, init: RequestInit) => {
      seen.push((init.headers as Record<string, string>)['X-Belay-CSRF']);
      return answer(200, {});
    }) as typeof fetch);
    await client.get('/a');
    await client.post('/a', {});
    await client.remove('/a');
    await client.urgent('/a', {});
    expect(seen).toEqual([undefined, 'token', 'token', 'token']);
  });

  it('tells a server that cannot be reached from one that says no', async () => {
    const gone = createClient(() => undefined, (async () => {
      throw new TypeError('failed');
    }) as typeof fetch);
    await expect(gone.get('/a')).rejects.toMatchObject({ status: 0, offline: true });
    const no = createClient(() => undefined, (async () =>
      answer(409, { error: { type: 'latched', message: 'a latch stands' } })) as typeof fetch);
    await expect(no.get('/a')).rejects.toMatchObject({ status: 409, type: 'latched', message: 'a latch stands' });
  });

  it('reads the refusals of both parts of the API', () => {
    expect(refusal(400, { status: 'fail', error: 'Invalid campaign id', code: 400 }).message).toBe(
      'Invalid campaign id',
    );
    expect(refusal(500, undefined)).toBeInstanceOf(ApiError);
  });

  it('leaves out what a query does not name', () => {
    expect(query('/c', { state: 'running', label: '', cursor: undefined, limit: 5 })).toBe(
      '/c?state=running&limit=5',
    );
  });
});

it('writes a blank and a plus so that the server reads them as such', () => {
  expect(query('/list', { q: 'a b+c', label: '' })).toBe('/list?q=a%20b%2Bc');
});

describe('a server that says nothing', () => {
  afterEach(() => void vi.useRealTimers());
  const silent = (async (_: string, init: RequestInit) =>
    new Promise<Response>((_done, failed) => {
      const end = () => failed(new DOMException('gone', 'AbortError'));
      if (init.signal!.aborted) end();
      init.signal!.addEventListener('abort', end);
    })) as typeof fetch;

  it('is not waited for for ever: a question and a stop end with no answer', async () => {
    vi.useFakeTimers();
    const client = createClient(() => 'token', silent);
    const asked = [client.get('/a'), client.ask('/b', {}), client.urgent('/stop', {})].map((one) =>
      expect(one).rejects.toMatchObject({ offline: true }),
    );
    await vi.advanceTimersByTimeAsync(30_000);
    await Promise.all(asked);
  });

  it('gives the place of a question back that nobody wants answered any more', async () => {
    const client = createClient(() => 'token', silent);
    const enough = new AbortController();
    const given = [1, 2, 3].map(() => client.ask('/a', {}, enough.signal).catch(() => 'given up'));
    enough.abort();
    expect(await Promise.all(given)).toEqual(['given up', 'given up', 'given up']);
    await expect(client.lane.enter()).resolves.toBeTypeOf('function');
  });
});
