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
  post<T>(path: string, body?: unknown): Promise<T>;
  put<T>(path: string, body: unknown): Promise<T>;
  patch<T>(path: string, body: unknown): Promise<T>;
  remove<T>(path: string): Promise<T>;
  /** Past the lane and ahead of everything else: for stops only. */
  urgent<T>(path: string, body: unknown, headers?: Record<string, string>): Promise<T>;
  lane: Lane;
}

type Fetch = typeof fetch;
const dataPlaces = 3;

/** `csrf` gives the token of the session, which every changing request must carry. */
export function createClient(csrf: () => string | undefined, send: Fetch = (...a) => fetch(...a)): Client {
  const lane = createLane(dataPlaces);

  async function call<T>(method: string, path: string, body?: unknown, more: RequestInit = {}): Promise<T> {
    const headers: Record<string, string> = { ...(more.headers as Record<string, string>) };
    if (body !== undefined) headers['Content-Type'] = 'application/json';
    const token = csrf();
    if (method !== 'GET' && token) headers['X-Belay-CSRF'] = token;
    let response: Response;
    try {
      response = await send(path, {
        ...more,
        method,
        headers,
        body: body === undefined ? undefined : JSON.stringify(body),
        credentials: 'same-origin',
      });
    } catch (error) {
      if (more.signal?.aborted) throw error;
      throw new ApiError(0, 'offline', 'The server cannot be reached');
    }
    return read<T>(response);
  }

  return {
    lane,
    get: (path, signal) => lane.run(() => call('GET', path, undefined, { signal }), signal),
    post: (path, body) => lane.run(() => call('POST', path, body)),
    // keepalive: what was just written is kept also when the page is left.
    put: (path, body) => lane.run(() => call('PUT', path, body, { keepalive: true })),
    patch: (path, body) => lane.run(() => call('PATCH', path, body)),
    remove: (path) => lane.run(() => call('DELETE', path)),
    urgent: (path, body, headers) =>
      call('POST', path, body, { headers, priority: 'high', keepalive: true } as RequestInit),
  };
}

async function read<T>(response: Response): Promise<T> {
  const text = await response.text();
  let body: unknown;
  try {
    body = text === '' ? undefined : JSON.parse(text);
  } catch {
    throw new ApiError(response.status, 'internal', `An answer that is no JSON (status ${response.status})`);
  }
  if (response.ok) return body as T;
  throw refusal(response.status, body);
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
