// What a person sees: short lines with the time a step took.
const colour = process.stdout.isTTY && !process.env.NO_COLOR;

export const dim = (text) => (colour ? `\x1b[2m${text}\x1b[0m` : text);
export const bold = (text) => (colour ? `\x1b[1m${text}\x1b[0m` : text);
export const red = (text) => (colour ? `\x1b[31m${text}\x1b[0m` : text);
export const green = (text) => (colour ? `\x1b[32m${text}\x1b[0m` : text);
export const yellow = (text) => (colour ? `\x1b[33m${text}\x1b[0m` : text);

export function seconds(sinceMs) {
  return `${((performance.now() - sinceMs) / 1000).toFixed(1)} s`;
}

/** A step shorter than this is told once, when it is over. */
const QUICK_MS = 700;

/**
 * Steps as lines: what is under way, then how long it took.
 * @param {(line: string) => void} [write]
 */
export function consoleProgress(write = (line) => console.log(line)) {
  return {
    step(what) {
      const started = performance.now();
      const timer = setTimeout(() => write(`  ${what} …`), QUICK_MS);
      timer.unref();
      return (outcome = 'done') => {
        clearTimeout(timer);
        write(`  ${what}: ${outcome} ${dim(`(${seconds(started)})`)}`);
      };
    },
  };
}

/** Ends the process with one line (and details below it, when the message has more). */
export function fail(message, code = 1) {
  const [first, ...rest] = message.split('\n');
  console.error(red(`✖ ${first}`));
  if (rest.length > 0) console.error(rest.join('\n'));
  process.exit(code);
}
