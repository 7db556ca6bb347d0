declare const __FAILPOINTS__: boolean | undefined;

/**
 * Ends the process at a named point, as kill -9 would, when tests ask for it. A production build defines
 * `__FAILPOINTS__` as false and this compiles to nothing.
 */
export function failpoint(name: string): void {
  if (typeof __FAILPOINTS__ !== 'undefined' && !__FAILPOINTS__) return;
  if (process.env['COUNTERSIGN_FAILPOINTS']?.split(',').includes(name) === true) process.kill(process.pid, 'SIGKILL');
}
