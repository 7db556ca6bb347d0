import type { Command } from 'commander';
import { vi } from 'vitest';
import { createProgram } from '@/cli/program';

export interface CliResult {
  readonly code: number | string | undefined;
  readonly out: string;
  readonly err: string;
}

/** Thrown by the program where the command line would exit. */
class Exited extends Error {
  constructor(readonly code: number) {
    super(`exit ${code}`);
  }
}

/** Runs `countersign …` in this process, with its console output captured. */
export async function runCli(...args: readonly string[]): Promise<CliResult> {
  const out: string[] = [];
  const err: string[] = [];
  const log = vi.spyOn(console, 'log').mockImplementation((line: string) => void out.push(line));
  const error = vi.spyOn(console, 'error').mockImplementation((line: string) => void err.push(line));
  const program = createProgram(({ exitCode }) => {
    throw new Exited(exitCode);
  });
  const capture = (command: Command): void => {
    command.configureOutput({ writeOut: (text) => void out.push(text), writeErr: (text) => void err.push(text) });
    for (const child of command.commands) capture(child);
  };
  capture(program);
  const before = process.exitCode;
  process.exitCode = undefined;
  try {
    const exited = await program.parseAsync(args, { from: 'user' }).then(
      () => null,
      (thrown: unknown) => {
        if (thrown instanceof Exited) return thrown;
        throw thrown;
      },
    );
    return { code: exited?.code ?? process.exitCode, out: out.join('\n'), err: err.join('\n') };
  } finally {
    process.exitCode = before;
    log.mockRestore();
    error.mockRestore();
  }
}
