'use client';

import { type ReactNode, useState } from 'react';
import { groupDigits } from '@/components/format/number';
import { messageOf } from '@/components/trpc/client';
import { Button } from '@/components/ui/button';
import { type Column, columnsCsv } from './column';
import { downloadText } from './download';

/** Count, filters and export, at the right of a table's panel. */
export function Toolbar({ children }: { readonly children: ReactNode }) {
  return <span className="flex flex-wrap items-center gap-x-3 gap-y-1 text-12 text-muted">{children}</span>;
}

/** How many rows are shown, of how many there are. */
export function RowCount({ shown, total = shown }: { readonly shown: number; readonly total?: number | undefined }) {
  return (
    <span className="num text-12 text-muted">
      {shown < total ? `${groupDigits(String(shown))} of ${groupDigits(String(total))}` : groupDigits(String(total))}
    </span>
  );
}

/** Rows that came while the reader looked at others. It keeps its room, so that nothing moves when it appears. */
export function NewRows({ count, onShow }: { readonly count: number; readonly onShow: () => void }) {
  return (
    <span className="inline-flex min-w-20 justify-end">
      {count > 0 && (
        <Button size="small" onClick={onShow} data-testid="show-new-rows">
          ↑ {count} new
        </Button>
      )}
    </span>
  );
}

interface TextFilterProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly maxLength?: number;
  readonly className?: string;
  readonly testId?: string;
}

export function TextFilter({ label, value, onChange, maxLength = 100, className = 'w-28', testId }: TextFilterProps) {
  return (
    <label className="inline-flex items-center gap-1.5 text-12 text-muted">
      {label}
      <input
        value={value}
        maxLength={maxLength}
        onChange={(event) => onChange(event.target.value)}
        className={`h-7 rounded-sm border border-control bg-surface px-1.5 text-12 text-text ${className}`}
        data-testid={testId}
      />
    </label>
  );
}

type SymbolFilterProps = Pick<TextFilterProps, 'value' | 'onChange' | 'testId'>;

export function SymbolFilter({ onChange, ...rest }: SymbolFilterProps) {
  return (
    <TextFilter
      label="Symbol"
      maxLength={12}
      className="w-20"
      onChange={(value) => onChange(value.toUpperCase())}
      {...rest}
    />
  );
}

interface ExportLinkProps {
  /** Which list. */
  readonly list: 'orders' | 'signals' | 'decisions';
  /** Its filter; empty fields are left out. */
  readonly filter: Readonly<Record<string, string | null>>;
}

/** Downloads every row that the filter allows; the server sends them page by page. */
export function ExportLink({ list, filter }: ExportLinkProps) {
  const fields = Object.entries(filter).filter((field): field is [string, string] => (field[1] ?? '') !== '');
  return (
    <a
      href={`/api/export/${list}?${new URLSearchParams(fields)}`}
      download={`${list}.csv`}
      className="inline-flex h-7 items-center rounded-sm border border-control bg-surface px-2 text-12 font-medium text-text hover:bg-sunken"
      data-testid={`${list}-csv`}
    >
      CSV
    </a>
  );
}

interface CsvButtonProps<Row> {
  /** Of the file, without its ending. */
  readonly name: string;
  readonly columns: readonly Column<Row>[];
  /** The rows to export: all that the filter allows, not only those in view. */
  readonly load: () => Promise<readonly Row[]>;
  readonly disabled?: boolean;
  readonly testId?: string;
}

export function CsvButton<Row>({ name, columns, load, disabled = false, testId }: CsvButtonProps<Row>) {
  const [saving, setSaving] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const save = async () => {
    setSaving(true);
    setProblem(null);
    try {
      downloadText(`${name}.csv`, columnsCsv(columns, await load()));
    } catch (error) {
      setProblem(messageOf(error));
    } finally {
      setSaving(false);
    }
  };
  return (
    <>
      {problem !== null && (
        <span role="alert" className="text-danger">
          {problem}
        </span>
      )}
      <Button size="small" disabled={disabled || saving} onClick={() => void save()} data-testid={testId}>
        {saving ? 'Saving…' : 'CSV'}
      </Button>
    </>
  );
}
