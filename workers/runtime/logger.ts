import pino, { type Logger } from 'pino';

/** Structured logs, one JSON a line. What could carry a secret is cut out, wherever it stands. */
export function createLogger(level: string, worker: string): Logger {
  return pino({
    level,
    base: { worker },
    redact: {
      paths: ['*.headers', '*.secretKey', '*.keyId', '*.password', '*.connectionString', '*.DATABASE_URL', 'env'],
      censor: '[cut]',
    },
    timestamp: pino.stdTimeFunctions.isoTime,
  });
}
