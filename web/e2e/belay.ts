// A real `belay serve` and a real `belay sink` for a test, in a folder of their own, and what the tests ask
// them behind the page's back. BELAY names the program.
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const program = resolve(process.env.BELAY ?? '../build/release/belay');
export const account = 'TEST-123-4567';
const passcode = 'QWE-RTY-UIOP';
export const password = 'a long enough password';

const config = (sink: string, perSecond: number) => `
data = "data"
listen = "127.0.0.1:0"
[outbound]
allow = ["${sink}"]
[[account]]
id = "${account}"
passcode = "${passcode}"
timezone = "Asia/Kolkata"
  [[account.provider]]
  nick_name = "local-fcm"
  kind = "fcm"
  url = "http://${sink}"
  max_per_second = ${perSecond}
  [[account.provider]]
  nick_name = "local-webhook"
  kind = "webhook"
  url = "http://${sink}/webhook"
  max_per_second = ${perSecond}
`;

async function until<T>(what: string, look: () => T | undefined | Promise<T | undefined>): Promise<T> {
  for (const end = Date.now() + 30_000; Date.now() < end; ) {
    const found = await look();
    if (found !== undefined) return found;
    await new Promise((again) => setTimeout(again, 20));
  }
  throw new Error(`gave up waiting for ${what}`);
}

function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((done) => void child.once('exit', () => done()));
}

export interface Setting {
  people?: number;
  perSecond?: number;
  demo?: boolean;
  /** Where the store lies; very many campaigns are quickly written in memory. */
  folder?: string;
}

export class Belay {
  private server?: ChildProcess;
  private sink?: ChildProcess;
  private sinkAddress = '';
  private listen = '127.0.0.1:0';
  private socket = '';
  private readonly dir: string;
  url = '';

  private constructor(private readonly setting: Setting) {
    this.dir = mkdtempSync(join(setting.folder ?? tmpdir(), 'belay-web-'));
  }

  static async start(setting: Setting = {}): Promise<Belay> {
    const belay = new Belay(setting);
    if (!setting.demo) await belay.startSink();
    await belay.serve();
    if (!setting.demo) belay.load(setting.people ?? 20_000);
    return belay;
  }

  private ready(file: string): Promise<Record<string, unknown>> {
    return until(file, () => {
      const path = join(this.dir, file);
      if (!existsSync(path)) return undefined;
      const text = readFileSync(path, 'utf8');
      return text.endsWith('\n') ? (JSON.parse(text) as Record<string, unknown>) : undefined;
    });
  }

  private async startSink() {
    this.sink = spawn(program, ['sink', '--listen', '127.0.0.1:0', '--ready-file', 'sink.json'], {
      cwd: this.dir,
      stdio: 'ignore',
    });
    this.sinkAddress = addressIn(await this.ready('sink.json'));
    writeFileSync(join(this.dir, 'belay.toml'), config(this.sinkAddress, this.setting.perSecond ?? 400));
  }

  /** Starts the server, the second time at the address it had. */
  async serve() {
    rmSync(join(this.dir, 'serve.json'), { force: true });
    const what = this.setting.demo ? ['--demo', '--data', 'data'] : ['--config', 'belay.toml', '--test-clock'];
    this.server = spawn(program, ['serve', ...what, '--listen', this.listen, '--ready-file', 'serve.json'], {
      cwd: this.dir,
      stdio: ['ignore', 'ignore', openSync(join(this.dir, 'serve.log'), 'a')],
    });
    const ready = await this.ready('serve.json');
    this.listen = addressIn(ready);
    this.socket = resolve(this.dir, String(ready['socket']));
    this.url = `http://${this.listen}`;
  }

  /** Takes what is asked and answers nothing, as a machine that swaps itself to death. */
  freeze() {
    this.server?.kill('SIGSTOP');
  }

  thaw() {
    this.server?.kill('SIGCONT');
  }

  /** As the power does it. */
  async kill() {
    this.server?.kill('SIGKILL');
    await ended(this.server!);
  }

  /** Ends it as the operator does. */
  private async stop() {
    this.server?.kill('SIGTERM');
    await ended(this.server!);
  }

  /** Puts very many campaigns into the store, like the one that is there. */
  async fill(campaigns: number) {
    await this.stop();
    execFileSync('python3', [resolve('e2e/fill.py'), 'data/belay.db', String(campaigns)], { cwd: this.dir });
    await this.serve();
  }

  async end() {
    for (const child of [this.server, this.sink]) {
      if (!child) continue;
      child.kill('SIGKILL');
      await ended(child);
    }
    rmSync(this.dir, { recursive: true, force: true });
  }

  /** The one-time link of a server without users, as its log prints it. */
  firstLink(): string {
    const found = /sign_in=\S*(\/sign-in#first=\w+)/.exec(readFileSync(join(this.dir, 'serve.log'), 'utf8'));
    if (!found) throw new Error('the log has no one-time link');
    return found[1]!;
  }

  /** Moves the server's clock forward. */
  async advance(hours: number) {
    await this.operator('POST', '/api/v1/test/clock', { advance_ms: Math.round(hours * 3_600_000) });
  }

  /** What only the operator of the server may ask for. */
  operator(method: string, path: string, body: object): Promise<string> {
    const text = JSON.stringify(body);
    return new Promise((done, failed) => {
      const call = request(
        {
          socketPath: this.socket,
          method,
          path,
          headers: { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) },
        },
        (answer) => {
          let said = '';
          answer.on('data', (part) => (said += part));
          answer.on('end', () =>
            (answer.statusCode ?? 500) < 300
              ? done(said)
              : failed(new Error(`${path}: ${answer.statusCode} ${said}`)),
          );
        },
      );
      call.on('error', failed);
      call.end(text);
    });
  }

  /** How the provider is to answer from now on. */
  async behave(how: object) {
    const response = await fetch(`http://${this.sinkAddress}/_sink/behave`, {
      method: 'POST',
      body: JSON.stringify(how),
    });
    if (!response.ok) throw new Error(`the sink answered ${response.status}`);
  }

  cli(args: string[], input = ''): string {
    return execFileSync(program, [...args, '--data', 'data'], { cwd: this.dir, input, encoding: 'utf8' });
  }

  addUser(name: string, role: 'admin' | 'creator' | 'member') {
    this.cli(['user', 'add', account, name, '--role', role], `${password}\n`);
  }

  private load(people: number) {
    const lines = Array.from({ length: people }, (_, i) =>
      JSON.stringify({
        type: 'profile',
        identity: `u${i}`,
        profileData: { Name: `Person ${i}`, Visits: i },
        tokens: [{ id: `token-${i}`, type: 'fcm' }],
      }),
    );
    writeFileSync(join(this.dir, 'people.jsonl'), `${lines.join('\n')}\n`);
    this.cli(['load', 'people.jsonl']);
  }

  async ask<T>(path: string, body?: unknown): Promise<T> {
    const response = await fetch(`${this.url}${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        'X-CleverTap-Account-Id': account,
        'X-CleverTap-Passcode': passcode,
        'Content-Type': 'application/json',
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  }

  /** Waits until it is in that state. */
  inState(id: number, state: string) {
    return until(`campaign ${id} to be ${state}`, async () => {
      const c = await this.ask<{ state: string }>(`/api/v1/campaigns/${id}`);
      return c.state === state ? c : undefined;
    });
  }

  async create(name: string, more: object = {}): Promise<number> {
    const made = await this.ask<{ id: number }>('/1/targets/create.json', {
      name,
      when: 'now',
      where: {},
      devices: ['android'],
      content: { title: `Hello from ${name}`, body: 'Come and see' },
      ...more,
    });
    return made.id;
  }

  /** Waits until messages of it leave. */
  running(id: number) {
    return until(`campaign ${id} to send`, async () => {
      const c = await this.ask<{ state: string; counts: { handed_over: number } | null }>(
        `/api/v1/campaigns/${id}`,
      );
      return c.state === 'running' && (c.counts?.handed_over ?? 0) > 50 ? c : undefined;
    });
  }

  get sinkUrl() {
    return `http://${this.sinkAddress}`;
  }

  /** How many messages it got, of campaigns and of none. */
  async receivedAtAll(): Promise<number> {
    const response = await fetch(`${this.sinkUrl}/_sink/counts`);
    return ((await response.json()) as { total: number }).total;
  }

  /** How many people the provider got a message for: its own count, not ours. */
  async received(id: number): Promise<number> {
    const response = await fetch(`http://${this.sinkAddress}/_sink/counts`);
    const { by_campaign } = (await response.json()) as {
      by_campaign: Record<string, { recipients: number } | undefined>;
    };
    return by_campaign[String(id)]?.recipients ?? 0;
  }
}

/** Whatever the ready file calls it: the first address in it. */
function addressIn(ready: Record<string, unknown>): string {
  const found = /127\.0\.0\.1:\d+/.exec(JSON.stringify(ready));
  if (!found) throw new Error(`no address in ${JSON.stringify(ready)}`);
  return found[0];
}
