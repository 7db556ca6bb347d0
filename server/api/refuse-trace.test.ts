import { once } from 'node:events';
import { createServer, request } from 'node:http';
import { expect, it } from 'vitest';
import { refuseTrace } from './refuse-trace';

it('turns TRACE into a method that is refused, and leaves the others alone', async () => {
  refuseTrace();
  const server = createServer((incoming, response) => response.end(incoming.method)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const seen: string[] = [];
  for (const method of ['TRACE', 'GET', 'POST', 'OPTIONS']) {
    const sent = request({ port, host: '127.0.0.1', method, agent: false }).end();
    const [incoming] = await once(sent, 'response');
    for await (const chunk of incoming) seen.push(String(chunk));
  }
  server.close();
  expect(seen).toEqual(['PATCH', 'GET', 'POST', 'OPTIONS']);
});
