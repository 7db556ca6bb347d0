// Which lines of a child's log a person should see on the terminal.

const WARN = 40;
/** The same words again within this time are in the log file only. */
const REPEAT_MS = 10_000;

/**
 * The line as shown on the terminal, or null when it belongs in the log file only.
 * @param line a JSON line of the logger, or plain text
 */
export function important(line: string, stream: 'stdout' | 'stderr'): string | null {
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

/** Wraps `say` so that a line repeated in a loop is shown once in a while, not each time. */
export function withoutRepeats(say: (line: string) => void): (line: string) => void {
  const shown = new Map<string, number>();
  return (line) => {
    const now = Date.now();
    for (const [text, at] of shown) if (now - at > REPEAT_MS) shown.delete(text);
    if (shown.has(line)) return;
    shown.set(line, now);
    say(line);
  };
}
