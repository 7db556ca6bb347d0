/** What a row must reach: a ratio to its baseline, or an absolute figure (per second, bytes …). */
export interface Aim {
  readonly of: 'ratio' | 'figure';
  readonly least?: number;
  readonly most?: number;
  /** For a figure: this ratio to the baseline will do as well. On a slower machine the baseline is slower too. */
  readonly orRatio?: number;
}

/** One line of the result. Figures are plain numbers; `unit` says of what. */
export interface Measured {
  /** Name for known causes and for comparing runs. */
  readonly row: string;
  readonly figure: number;
  readonly baseline: number | null;
  readonly baselineName: string;
  readonly ratio: number | null;
  readonly unit: '/s' | 'ms' | 'MB';
  readonly aim: Aim | null;
  readonly note?: string;
}

export type KnownCauses = Readonly<Record<string, string>>;
export type Verdict = 'ok' | 'below' | 'known cause' | 'for information';

/** The aim decides; a row below it passes only when its cause is written down. */
export function verdictOf(measured: Measured, causes: KnownCauses): Verdict {
  const { aim } = measured;
  if (aim === null) return 'for information';
  const value = aim.of === 'ratio' ? measured.ratio : measured.figure;
  const reached =
    value !== null &&
    Number.isFinite(value) &&
    (aim.least === undefined || value >= aim.least) &&
    (aim.most === undefined || value <= aim.most);
  const relative = aim.orRatio !== undefined && measured.ratio !== null && measured.ratio >= aim.orRatio;
  if (reached || relative) return 'ok';
  return causes[measured.row] === undefined ? 'below' : 'known cause';
}

function quantity(value: number, unit: Measured['unit']): string {
  if (unit === 'ms') return `${value.toFixed(2)} ms`;
  if (unit === 'MB') return `${value.toFixed(0)} MB`;
  if (value >= 1e6) return `${(value / 1e6).toFixed(2)} M/s`;
  if (value >= 1e4) return `${(value / 1e3).toFixed(0)} k/s`;
  return `${value.toFixed(0)} /s`;
}

function ratioText(ratio: number | null): string {
  if (ratio === null) return '';
  return ratio < 3 ? `${Math.round(ratio * 100)}%` : `${ratio.toFixed(1)} ×`;
}

function aimText({ aim, unit }: Measured): string {
  if (aim === null) return '';
  const show = (value: number) => (aim.of === 'ratio' ? ratioText(value) : quantity(value, unit));
  return [
    aim.least === undefined ? '' : `≥ ${show(aim.least)}`,
    aim.most === undefined ? '' : `≤ ${show(aim.most)}`,
    aim.orRatio === undefined ? '' : ` or ≥ ${ratioText(aim.orRatio)}`,
  ].join('');
}

const HEAD = ['row', 'figure', 'baseline', 'ratio', 'aim', 'verdict'];

/** The rows as lines of text, aligned; causes and notes below. */
export function tableText(rows: readonly Measured[], causes: KnownCauses): string {
  const cells = rows.map((row) => [
    row.row,
    quantity(row.figure, row.unit),
    row.baseline === null ? '' : `${quantity(row.baseline, row.unit)} ${row.baselineName}`,
    ratioText(row.ratio),
    aimText(row),
    verdictOf(row, causes),
  ]);
  const all = [HEAD, ...cells];
  const widths = HEAD.map((_, column) => Math.max(...all.map((line) => line[column]?.length ?? 0)));
  const lines = all.map((line) =>
    line
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  const remarks = rows.flatMap((row) => {
    const cause = verdictOf(row, causes) === 'known cause' ? [`${row.row}: known cause: ${causes[row.row]}`] : [];
    return row.note === undefined ? cause : [...cause, `${row.row}: ${row.note}`];
  });
  return [...lines, ...(remarks.length === 0 ? [] : ['', ...remarks])].join('\n');
}
