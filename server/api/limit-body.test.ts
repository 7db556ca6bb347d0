import { expect, test } from 'vitest';
import { withLimitedBody } from './limit-body';

const post = (body: BodyInit, headers: HeadersInit = {}) =>
  new Request('http://localhost/api/trpc/x', { method: 'POST', body, headers });
const echo = async (request: Request) => new Response(await request.text());

test('a body within the limit arrives whole', async () => {
  const response = await withLimitedBody(post('{"a":1}'), echo);
  expect(await response.text()).toBe('{"a":1}');
});

test('a larger body is refused without being read, whether or not it says its length', async () => {
  const large = 'x'.repeat(70_000);
  const never = () => Promise.reject(new Error('was asked'));
  expect((await withLimitedBody(post(large), never)).status).toBe(413);
  expect((await withLimitedBody(post('x', { 'content-length': '70000' }), never)).status).toBe(413);
});

test('a GET goes through as it is', async () => {
  const request = new Request('http://localhost/api/trpc/x');
  let seen: Request | null = null;
  await withLimitedBody(request, async (given) => {
    seen = given;
    return new Response();
  });
  expect(seen).toBe(request);
});
