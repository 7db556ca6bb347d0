// Which lines of a child's log a person should see on the terminal.

const WARN = 40;

/**
 * The line as shown on the terminal, or null when it belongs in the log file only.
 * @param {string} line a JSON line of the logger, or plain text
 * @param {'stdout' | 'stderr'} stream
 * @returns {string | null}
 */
export function important(line, stream) {
  if (line.startsWith('{')) {
    try {
      const { level, msg, err } = JSON.parse(line);
      if (typeof level !== 'number' || level < WARN) return null;
      const cause = err?.message && !String(msg).includes(err.message) ? `: ${err.message}` : '';
      return `${msg ?? ''}${cause}`;
    } catch {
      // Not a line of the logger after all.
    }
  }
  return stream === 'stderr' && !/^\s+at |ExperimentalWarning|--trace-warnings|^\s*$/.test(line) ? line : null;
}
