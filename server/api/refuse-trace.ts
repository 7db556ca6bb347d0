import { subscribe } from 'node:diagnostics_channel';
import { IncomingMessage } from 'node:http';

/**
 * Answers TRACE with 405 instead of 500. The Fetch standard has no TRACE request, so Next.js fails to build one before any
 * handler runs. Each TRACE is therefore handled as PATCH, a method that no address of this server accepts.
 */
export function refuseTrace(): void {
  subscribe('http.server.request.start', (message) => {
    if (typeof message !== 'object' || message === null || !('request' in message)) return;
    const { request } = message;
    if (request instanceof IncomingMessage && request.method === 'TRACE') request.method = 'PATCH';
  });
}
