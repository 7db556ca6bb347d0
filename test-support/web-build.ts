import { ensureWeb } from '../scripts/lib/setup';

/** vitest's global set-up: the production build of the console, made once and shared by every test that starts it. */
export default async function setup(): Promise<void> {
  await ensureWeb({
    step(what: string) {
      const startedMs = performance.now();
      console.log(`  ${what} …`);
      return () => console.log(`  ${what}: ${((performance.now() - startedMs) / 1_000).toFixed(1)} s`);
    },
  });
}
