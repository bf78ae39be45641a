import { createLane, type Lane } from './lane';

/** What the server said no to, in its own words; `status` 0: it could not be reached. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly type: string,
    message: string,
    /** Which part of the request it is about, where that is known. */
    readonly field?: string,
  ) {
    super(message);
  }
  get offline() {
    return this.status === 0;
  }
}

export interface Client {
  get<T>(path: string, signal?: AbortSignal): Promise<T>;
  /** A POST that only asks: it may be given up and sent again at any time. */
  ask<T>(path: string, body: unknown, signal?: AbortSignal): Promise<T>;
  post<T>(path: string, body?: unknown): Promise<T>;
  put<T>(path: string, body: unknown): Promise<T>;
  patch<T>(path: string, body: unknown): Promise<T>;
  remove<T>(path: string): Promise<T>;
  /** Past the lane and ahead of everything else: for stops only. */
  urgent<T>(path: string, body: unknown, headers?: Record<string, string>): Promise<T>;
  lane: Lane;
}

type Fetch = typeof fetch;
/** Told that an answer is awaited; calls back when it is there, or given up. */
type Waits = () => () => void;

const dataPlaces = 3;
/** After so long without an answer a question is given up. A change is not: nobody could say what became of it. */
const dataPatience = 15_000;
/** A stop is asked for again by the same key after so long; that is safe, it stays the same stop. */
const stopPatience = 20_000;

/** `csrf` gives the token of the session, which every changing request must carry. */
export function createClient(
  csrf: () => string | undefined,
  send: Fetch = (...a) => fetch(...a),
  waits: Waits = () => () => undefined,
): Client {
  const lane = createLane(dataPlaces);

  async function call<T>(method: string, path: string, body?: unknown, more: Sent = {}): Promise<T> {
    const { patience, ...init } = more;
    const headers: Record<string, string> = { ...(init.headers as Record<string, string>) };
    if (body !== undefined) headers['Content-Type'] = 'application/json';
    const token = csrf();
    if (method !== 'GET' && token) headers['X-Belay-CSRF'] = token;
    const limit = timeLimit(patience, init.signal);
    const done = waits();
    try {
      const response = await send(path, {
        ...init,
        method,
        headers,
        signal: limit.signal,
        body: body === undefined ? undefined : JSON.stringify(body),
        credentials: 'same-origin',
      });
      return read<T>(response.status, response.ok, await response.text());
    } catch (error) {
      if (error instanceof ApiError || init.signal?.aborted) throw error;
      throw new ApiError(0, 'offline', 'The server cannot be reached');
    } finally {
      limit.clear();
      done();
    }
  }

  return {
    lane,
    get: (path, signal) => lane.run(() => call('GET', path, undefined, { signal, patience: dataPatience }), signal),
    ask: (path, body, signal) =>
      lane.run(() => call('POST', path, body, { signal, patience: dataPatience }), signal),
    post: (path, body) => lane.run(() => call('POST', path, body)),
    // keepalive: what was just written is kept also when the page is left.
    put: (path, body) => lane.run(() => call('PUT', path, body, { keepalive: true })),
    patch: (path, body) => lane.run(() => call('PATCH', path, body)),
    remove: (path) => lane.run(() => call('DELETE', path)),
    urgent: (path, body, headers) =>
      call('POST', path, body, { headers, priority: 'high', keepalive: true, patience: stopPatience }),
  };
}

type Sent = RequestInit & { patience?: number; priority?: 'high' };

/** A signal for when `outer` gives up or the time is over, whichever is first. */
function timeLimit(ms: number | undefined, outer?: AbortSignal | null) {
  const own = new AbortController();
  const giveUp = () => own.abort(outer?.reason);
  if (outer?.aborted) giveUp();
  outer?.addEventListener('abort', giveUp, { once: true });
  const timer = ms === undefined ? undefined : setTimeout(() => own.abort(), ms);
  const clear = () => {
    clearTimeout(timer);
    outer?.removeEventListener('abort', giveUp);
  };
  return { signal: own.signal, clear };
}

function read<T>(status: number, ok: boolean, text: string): T {
  let body: unknown;
  try {
    body = text === '' ? undefined : JSON.parse(text);
  } catch {
    throw new ApiError(status, 'internal', `An answer that is no JSON (status ${status})`);
  }
  if (ok) return body as T;
  throw refusal(status, body);
}

/** Both parts of the API say no in their own form. */
export function refusal(status: number, body: unknown): ApiError {
  const said = (body as { error?: unknown } | undefined)?.error;
  if (typeof said === 'string') return new ApiError(status, 'invalid', said);
  const { type, message, field } = (said ?? {}) as { type?: string; message?: string; field?: string };
  return new ApiError(status, type ?? 'internal', message ?? `The server answered ${status}`, field);
}

export const query = (path: string, params: Record<string, string | number | undefined | null>) => {
  const set = Object.entries(params).filter(([, v]) => v !== undefined && v !== null && v !== '');
  // A blank as %20: the server takes a plus as what it is.
  const text = new URLSearchParams(set.map(([k, v]) => [k, String(v)])).toString().replaceAll('+', '%20');
  return text ? `${path}?${text}` : path;
};
