declare const __FAILPOINTS__: boolean | undefined;

/** Where each name stands is in docs/faults.md. */
export type Failpoint =
  | 'intent-before-commit'
  | 'intent-committed'
  | 'claimed'
  | 'before-send'
  | 'after-send'
  | 'answer-booked'
  | 'looked-up'
  | 'absent-booked'
  | 'reclaimed'
  | 'booking-written'
  | 'fill-written'
  | 'booking-committed'
  | 'fill-received'
  | 'fill-booked'
  | 'cancel-booked'
  | 'cancel-marked'
  | 'cancel-sent'
  | 'exit-placed'
  | 'exit-ended'
  | 'stop-placed'
  | 'relay-notified'
  | 'relay-marked'
  | 'relay-committed'
  | 'relay-forwarded'
  | 'signal-stored'
  | 'signal-placed'
  | 'event-worked'
  | 'event-committed'
  | 'reconcile-orders-done'
  | 'reconcile-compared'
  | 'reconcile-saved'
  | 'halt-requested'
  | 'halt-audited'
  | 'halt-acknowledged'
  | 'halt-cancelled'
  | 'halt-verified'
  | 'history-temporary'
  | 'history-written'
  | 'history-verified'
  | 'history-day-written'
  | 'history-removed';

const hits = new Map<string, number>();
let armedText = '';

/** What is armed: by the environment for the whole life of the process, by the file from when it is written. */
function armed(): string[] {
  const file = process.env['COUNTERSIGN_FAILPOINTS_FILE'];
  const fs = file === undefined ? undefined : process.getBuiltinModule('node:fs');
  const text = file !== undefined && fs?.existsSync(file) === true ? fs.readFileSync(file, 'utf8') : '';
  // What is armed again is counted from zero.
  if (text !== armedText) hits.clear();
  armedText = text;
  return `${process.env['COUNTERSIGN_FAILPOINTS'] ?? ''},${text.trim()}`.split(',').filter((entry) => entry !== '');
}

/**
 * Ends the process at a named point, as kill -9 would, when tests ask for it. Each entry of COUNTERSIGN_FAILPOINTS, or of
 * the file that COUNTERSIGN_FAILPOINTS_FILE names, is `name`, `name@3` (the third time it comes by), `name=stop` (stands
 * still as SIGSTOP would) or both. A production build defines `__FAILPOINTS__` as false: nothing of this is in it.
 */
export function failpoint(name: Failpoint): void {
  if (typeof __FAILPOINTS__ !== 'undefined' && !__FAILPOINTS__) return;
  for (const entry of armed()) {
    const [point = '', action] = entry.split('=');
    const [wanted, nth = '1'] = point.split('@');
    if (wanted !== name) continue;
    const count = (hits.get(entry) ?? 0) + 1;
    hits.set(entry, count);
    if (count === Number(nth)) process.kill(process.pid, action === 'stop' ? 'SIGSTOP' : 'SIGKILL');
  }
}
