// A real `belay serve` and a real `belay sink` for a test, in a folder of their own, and what the tests ask
// them behind the page's back. BELAY names the program.
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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
}

export class Belay {
  private server?: ChildProcess;
  private sink?: ChildProcess;
  private sinkAddress = '';
  private listen = '127.0.0.1:0';
  private readonly dir = mkdtempSync(join(tmpdir(), 'belay-web-'));
  url = '';

  private constructor(private readonly setting: Setting) {}

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
    const what = this.setting.demo ? ['--demo', '--data', 'data'] : ['--config', 'belay.toml'];
    this.server = spawn(program, ['serve', ...what, '--listen', this.listen, '--ready-file', 'serve.json'], {
      cwd: this.dir,
      stdio: 'ignore',
    });
    this.listen = addressIn(await this.ready('serve.json'));
    this.url = `http://${this.listen}`;
  }

  /** As the power does it. */
  async kill() {
    this.server?.kill('SIGKILL');
    await ended(this.server!);
  }

  async end() {
    for (const child of [this.server, this.sink]) {
      if (!child) continue;
      child.kill('SIGKILL');
      await ended(child);
    }
    rmSync(this.dir, { recursive: true, force: true });
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
