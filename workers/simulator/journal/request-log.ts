import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

export interface LoggedRequest {
  readonly method: string;
  /** Path with its query. */
  readonly path: string;
  readonly body: string;
  /** Wall clock, epoch milliseconds. */
  readonly receivedAtMs: number;
  /** The market's own time, epoch milliseconds. */
  readonly marketAtMs: number;
}

/**
 * What reached the simulator, one JSON line a request, written before it is handled: an oracle of what was sent that
 * depends on nobody's word. A plain write reaches the kernel, so it survives the death of the process.
 */
export class RequestLog {
  private readonly fd: number;
  private count = 0;

  constructor(path: string) {
    mkdirSync(dirname(path), { recursive: true });
    this.fd = openSync(path, 'a', 0o600);
  }

  write(request: LoggedRequest): void {
    this.count += 1;
    const line = JSON.stringify({
      n: this.count,
      received_at: new Date(request.receivedAtMs).toISOString(),
      market_time: new Date(request.marketAtMs).toISOString(),
      method: request.method,
      path: request.path,
      body: request.body,
    });
    writeSync(this.fd, `${line}\n`);
  }

  close(): void {
    closeSync(this.fd);
  }
}
