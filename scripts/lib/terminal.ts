// Terminal output: short lines with the time that a step took.
const colour = process.stdout.isTTY && !process.env.NO_COLOR;

export const dim = (text: string) => (colour ? `\x1b[2m${text}\x1b[0m` : text);
export const bold = (text: string) => (colour ? `\x1b[1m${text}\x1b[0m` : text);
export const red = (text: string) => (colour ? `\x1b[31m${text}\x1b[0m` : text);
export const green = (text: string) => (colour ? `\x1b[32m${text}\x1b[0m` : text);
export const yellow = (text: string) => (colour ? `\x1b[33m${text}\x1b[0m` : text);

/** Time since `performance.now()` gave `sinceMs`, such as '1.2 s'. */
export function seconds(sinceMs: number): string {
  return `${((performance.now() - sinceMs) / 1000).toFixed(1)} s`;
}

/** A step shorter than this is printed once, when it is over. */
const QUICK_MS = 700;

export interface Progress {
  /** Announces a step. The returned function ends it. */
  step(what: string): (outcome?: string) => void;
}

/** Prints each step: what is under way, then how long it took. */
export function consoleProgress(write: (line: string) => void = console.log): Progress {
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

/** Ends the process with one line, and below it the rest of the message. */
export function fail(message: string, code = 1): never {
  const [first, ...rest] = message.split('\n');
  console.error(red(`✖ ${first}`));
  if (rest.length > 0) console.error(rest.join('\n'));
  process.exit(code);
}
