import type { Failure, ReplayReport } from '@/server/replay/run-scenario';

/** The line that every text report ends with. */
export function summaryLine({ held, failed, events }: ReplayReport, sha256: string): string {
  return `expectations: ${held} held, ${failed} failed · events: ${events} · journal sha256: ${sha256}`;
}

function table(failures: readonly Failure[]): string[] {
  const rows = [
    ['line', 'what', 'expected', 'observed'],
    ...failures.map(({ line, what, expected, observed }) => [String(line), what, expected, observed]),
  ];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

/** Failed expectations as a table, if any, and the summary line. */
export function textReport(report: ReplayReport, sha256: string): string {
  const failures = report.failures.length === 0 ? [] : [...table(report.failures), ''];
  return [...failures, summaryLine(report, sha256)].join('\n');
}

/** The same as one JSON object on one line. */
export function jsonReport(report: ReplayReport, sha256: string): string {
  const { held, failed, failures, events, bars, barsInSession, fills } = report;
  return JSON.stringify({
    held,
    failed,
    failures,
    events,
    bars,
    bars_in_session: barsInSession,
    fills,
    journal_sha256: sha256,
    summary: summaryLine(report, sha256),
  });
}
