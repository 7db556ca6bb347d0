import { once } from 'node:events';
import http from 'node:http';

/** Where the paper broker says which symbols it trades. */
const INFO_PATH = '/sim/v1/info';

/**
 * A proxy in front of the paper broker's REST interface that lists the given symbols in place of its own. The worker takes
 * quotes of listed symbols only, and the paper broker's synthetic market lists five.
 */
export class ListingProxy {
  private constructor(
    private readonly server: http.Server,
    readonly url: string,
  ) {}

  static async start(brokerUrl: string, symbols: readonly string[]): Promise<ListingProxy> {
    const server = http.createServer((request, response) => {
      forward(brokerUrl, symbols, request, response).catch((error: unknown) => response.destroy(asError(error)));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    return new ListingProxy(server, `http://127.0.0.1:${port}`);
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((done) => this.server.close(done));
  }
}

async function forward(
  brokerUrl: string,
  symbols: readonly string[],
  request: http.IncomingMessage,
  response: http.ServerResponse,
): Promise<void> {
  const path = request.url ?? '/';
  const upstream = http.request(new URL(path, brokerUrl), { method: request.method, headers: request.headers });
  request.pipe(upstream);
  const [answer] = (await once(upstream, 'response')) as [http.IncomingMessage];
  if (path !== INFO_PATH || answer.statusCode !== 200) {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
    return;
  }
  const { 'content-length': _, ...headers } = answer.headers;
  const info: object = JSON.parse(await textOf(answer));
  response.writeHead(200, headers).end(JSON.stringify({ ...info, symbols }));
}

async function textOf(message: http.IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

const asError = (error: unknown) => (error instanceof Error ? error : new Error(String(error)));
