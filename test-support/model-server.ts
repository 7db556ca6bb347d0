import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

export interface ModelRequest {
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: unknown;
  /** All texts of the request, the system's first. */
  readonly texts: readonly string[];
}

/** What the server does with a request. */
export type ModelReply =
  | {
      readonly kind: 'answer';
      readonly text: string;
      readonly finish?: 'stop' | 'length' | 'refusal';
      readonly usage?: boolean;
    }
  /** A body of its own. */
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly body?: string;
      readonly headers?: Record<string, string>;
    }
  /** Promises more than it sends, and ends the connection. */
  | { readonly kind: 'truncated'; readonly text: string }
  | { readonly kind: 'reset' }
  /** Nothing, ever. */
  | { readonly kind: 'silent' }
  /** Headers at once, then a byte now and then. */
  | { readonly kind: 'drip'; readonly everyMs: number }
  | { readonly kind: 'endless' };

export type ModelScript = (request: ModelRequest, n: number) => ModelReply | Promise<ModelReply>;

export interface ModelServer {
  /** For OpenAI-compatible clients and for Anthropic's alike. */
  readonly url: string;
  readonly requests: readonly ModelRequest[];
  readonly openSockets: number;
  /** Does this with every request from now on, and forgets the earlier ones. */
  script(script: ModelScript): void;
  /** Resolves when no connection is open. */
  idle(): Promise<void>;
  close(): Promise<void>;
}

type Api = 'openai' | 'anthropic';

function textsOf(body: unknown): string[] {
  if (typeof body !== 'object' || body === null) return [];
  const found: string[] = [];
  const walk = (value: unknown) => {
    if (typeof value === 'string') found.push(value);
    else if (Array.isArray(value)) value.forEach(walk);
    else if (typeof value === 'object' && value !== null)
      for (const [key, each] of Object.entries(value)) if (key === 'content' || key === 'text') walk(each);
  };
  if ('system' in body) walk(typeof body.system === 'string' ? body.system : { content: body.system });
  if ('messages' in body) walk(body.messages);
  return found;
}

function completion(api: Api, reply: Extract<ModelReply, { kind: 'answer' }>): object {
  const { text, finish = 'stop', usage = true } = reply;
  if (api === 'openai') {
    const refused = finish === 'refusal';
    const message = refused ? { content: null, refusal: text } : { content: text };
    return {
      id: 'chatcmpl-1',
      object: 'chat.completion',
      created: 1_700_000_000,
      model: 'test',
      choices: [{ index: 0, message: { role: 'assistant', ...message }, finish_reason: refused ? 'stop' : finish }],
      ...(usage ? { usage: { prompt_tokens: 1_000, completion_tokens: 150, total_tokens: 1_150 } } : {}),
    };
  }
  const reasons = { stop: 'end_turn', length: 'max_tokens', refusal: 'refusal' };
  return {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'test',
    content: finish === 'refusal' ? [] : [{ type: 'text', text }],
    stop_reason: reasons[finish],
    stop_sequence: null,
    usage: { input_tokens: 1_000, output_tokens: 150 },
  };
}

function send(api: Api, response: ServerResponse, reply: ModelReply): void {
  const json = { 'content-type': 'application/json' };
  switch (reply.kind) {
    case 'answer':
      response.writeHead(200, json).end(JSON.stringify(completion(api, reply)));
      return;
    case 'status':
      response.writeHead(reply.status, { ...json, ...reply.headers }).end(reply.body ?? '');
      return;
    case 'truncated': {
      const body = JSON.stringify(completion(api, { kind: 'answer', text: reply.text }));
      response.writeHead(200, { ...json, 'content-length': Buffer.byteLength(body) });
      response.write(body.slice(0, Math.floor(body.length / 2)), () => response.socket?.destroy());
      return;
    }
    case 'reset':
      response.socket?.resetAndDestroy();
      return;
    case 'silent':
      return;
    case 'drip': {
      response.writeHead(200, json);
      const timer = setInterval(() => response.write(' '), reply.everyMs);
      response.on('close', () => clearInterval(timer));
      return;
    }
    case 'endless': {
      response.writeHead(200, json);
      const chunk = ' '.repeat(65_536);
      const more = () => {
        while (!response.destroyed && response.write(chunk));
        if (!response.destroyed) response.once('drain', more);
      };
      more();
    }
  }
}

async function read(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  return JSON.parse(Buffer.concat(chunks).toString('utf8'));
}

/** A server of both protocols, `/v1/chat/completions` and `/v1/messages`, that follows a script. Loopback only. */
export async function startModelServer(): Promise<ModelServer> {
  const requests: ModelRequest[] = [];
  const sockets = new Set<Socket>();
  let waiting: (() => void)[] = [];
  let script: ModelScript = () => ({ kind: 'status', status: 500 });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await read(request);
    const path = request.url ?? '';
    const api: Api | null = path === '/v1/chat/completions' ? 'openai' : path === '/v1/messages' ? 'anthropic' : null;
    const asked = { path, headers: request.headers, body, texts: textsOf(body) };
    requests.push(asked);
    if (api === null) send('openai', response, { kind: 'status', status: 404, body: '{"error":"no such path"}' });
    else send(api, response, await script(asked, requests.length));
  }

  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => {
      sockets.delete(socket);
      if (sockets.size > 0) return;
      for (const tell of waiting) tell();
      waiting = [];
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/v1`,
    requests,
    get openSockets() {
      return sockets.size;
    },
    script(next) {
      script = next;
      requests.length = 0;
    },
    idle: () => (sockets.size === 0 ? Promise.resolve() : new Promise((done) => waiting.push(done))),
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
