import { createServer, type Server } from 'node:http';
import { KEY_ID, SECRET_KEY } from './harness';

/** A request and its answer as they went over the wire. */
export interface Exchange {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly requestBody: unknown;
  readonly status: number;
  readonly answerBody: unknown;
}

const parsed = (text: string): unknown => (text === '' ? undefined : JSON.parse(text));

/** Stands between a client and the simulator and keeps what passes. */
export class Recorder {
  readonly exchanges: Exchange[] = [];

  private constructor(
    private readonly server: Server,
    readonly port: number,
  ) {}

  static async start(target: string): Promise<Recorder> {
    const server = createServer();
    await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
    const address = server.address();
    const recorder = new Recorder(server, typeof address === 'object' && address !== null ? address.port : 0);
    server.on('request', async (message, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of message) chunks.push(chunk);
      const body = Buffer.concat(chunks).toString('utf8');
      const method = message.method ?? 'GET';
      const answer = await fetch(target + (message.url ?? ''), {
        method,
        headers: { 'APCA-API-KEY-ID': KEY_ID, 'APCA-API-SECRET-KEY': SECRET_KEY },
        ...(body === '' ? {} : { body }),
      });
      const text = await answer.text();
      const url = new URL(message.url ?? '/', target);
      recorder.exchanges.push({
        method,
        path: url.pathname,
        query: url.searchParams,
        requestBody: parsed(body),
        status: answer.status,
        answerBody: parsed(text),
      });
      response.writeHead(answer.status, { 'content-type': 'application/json' }).end(text);
    });
    return recorder;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((done) => this.server.close(done));
  }
}
