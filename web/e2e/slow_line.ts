// A line between the browser and the server that can stall: what is asked for over it is taken and never answered,
// except for what `passes` lets through. Real connections, as a browser has few of them.
import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export class SlowLine {
  private held: (() => void)[] = [];
  private stalls = false;
  /** How many questions hang in it now. */
  get hanging() {
    return this.held.length;
  }

  private constructor(
    private readonly server: Server,
    readonly url: string,
    private readonly passes: (asked: IncomingMessage) => boolean,
  ) {}

  static async before(target: string, passes: (asked: IncomingMessage) => boolean): Promise<SlowLine> {
    const { hostname, port } = new URL(target);
    const forward = (asked: IncomingMessage, answer: ServerResponse) => {
      const call = request(
        { hostname, port, method: asked.method, path: asked.url, headers: asked.headers },
        (said) => {
          answer.writeHead(said.statusCode ?? 502, said.headers);
          said.pipe(answer);
        },
      );
      call.on('error', () => answer.destroy());
      answer.on('close', () => call.destroy());
      asked.pipe(call);
    };
    const server = createServer((asked, answer) => line.take(asked, answer, forward));
    await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
    const line = new SlowLine(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`, passes);
    return line;
  }

  private take(
    asked: IncomingMessage,
    answer: ServerResponse,
    forward: (asked: IncomingMessage, answer: ServerResponse) => void,
  ) {
    if (!this.stalls || this.passes(asked)) return forward(asked, answer);
    const go = () => forward(asked, answer);
    this.held.push(go);
    answer.on('close', () => (this.held = this.held.filter((one) => one !== go)));
  }

  stall() {
    this.stalls = true;
  }

  release() {
    this.stalls = false;
    for (const go of this.held.splice(0)) go();
  }

  end() {
    this.server.closeAllConnections();
    this.server.close();
  }
}
