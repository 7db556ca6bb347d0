'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Column } from '@/components/table/column';
import { Table } from '@/components/table/table';
import { messageOf, useTRPC } from '@/components/trpc/client';
import type { RouterOutputs } from '@/components/trpc/types';
import { Button } from '@/components/ui/button';
import { Dialog, DialogActions, DialogBody } from '@/components/ui/dialog';
import { formatEventTime } from '@/server/domain/market/events/event-time';
import { EVENT_KIND } from './kinds';

const EXAMPLE = 'kind,symbol,title,starts_at,ends_at\nEARNINGS,AAPL,Q1 earnings,2027-01-28 15:30,2027-01-29 10:00';

interface ImportDialogProps {
  readonly open: boolean;
  readonly onClose: () => void;
}

export function ImportDialog({ open, onClose }: ImportDialogProps) {
  return (
    <Dialog open={open} onClose={onClose} title="Import events" testId="import-dialog" wide>
      <ImportForm onClose={onClose} />
    </Dialog>
  );
}

type Result = RouterOutputs['events']['importFile'];

const COLUMNS: readonly Column<Result['events'][number]>[] = [
  { id: 'kind', header: 'Kind', cell: (event) => EVENT_KIND[event.kind] },
  { id: 'symbol', header: 'Symbol', cell: (event) => event.symbol ?? 'all' },
  { id: 'title', header: 'Title', className: 'max-w-48 truncate', cell: (event) => event.title },
  {
    id: 'from',
    header: 'From (ET)',
    className: 'num',
    cell: (event) => formatEventTime(Date.parse(event.startsAt)),
  },
  { id: 'to', header: 'To (ET)', className: 'num', cell: (event) => formatEventTime(Date.parse(event.endsAt)) },
];

/** Previews the chosen file; nothing is stored before the user confirms. */
function ImportForm({ onClose }: { readonly onClose: () => void }) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const [csv, setCsv] = useState('');
  const preview = useMutation(trpc.events.importFile.mutationOptions());
  const store = useMutation(trpc.events.importFile.mutationOptions());
  const showPreview = async (file: File | undefined) => {
    if (file === undefined) return;
    store.reset();
    const text = await file.text();
    setCsv(text);
    preview.mutate({ csv: text, dryRun: true });
  };
  const confirm = async () => {
    try {
      const result = await store.mutateAsync({ csv, dryRun: false });
      if (result.faults.length === 0) onClose();
    } catch {
      // Shown below, from the mutation's own state.
    } finally {
      void client.invalidateQueries({ queryKey: [['events']] });
      void client.invalidateQueries({ queryKey: [['market']] });
    }
  };
  const result = store.data ?? preview.data;
  const failed = store.isError ? store.error : preview.isError ? preview.error : null;
  const ready = result !== undefined && result.faults.length === 0 && !preview.isPending;
  return (
    <>
      <DialogBody>
        <p className="text-muted">
          A CSV file with this header. An empty symbol means all symbols; times are New York time unless they state a
          zone. All lines are imported or none; importing the same file again adds nothing.
        </p>
        <pre className="overflow-x-auto rounded-sm bg-sunken px-2 py-1.5 font-mono text-12">{EXAMPLE}</pre>
        <label className="flex flex-col gap-1 text-12 font-medium">
          File
          <input
            type="file"
            accept=".csv,text/csv"
            onChange={(event) => void showPreview(event.target.files?.[0])}
            className="text-13 font-normal file:mr-3 file:h-8 file:rounded-sm file:border file:border-control file:bg-surface file:px-3 file:text-text"
            data-autofocus
            data-testid="import-file"
          />
        </label>
        <p aria-live="assertive" className="text-danger">
          {failed !== null && messageOf(failed)}
        </p>
        {result !== undefined && <Preview result={result} />}
      </DialogBody>
      <DialogActions>
        <Button onClick={onClose}>Back</Button>
        <Button
          variant="primary"
          disabled={!ready || result.added === 0 || store.isPending}
          onClick={() => void confirm()}
          data-testid="import-confirm"
        >
          {store.isPending ? 'Importing…' : ready ? `Import ${result.added}` : 'Import'}
        </Button>
      </DialogActions>
    </>
  );
}

function Preview({ result }: { readonly result: Result }) {
  if (result.faults.length > 0) {
    return (
      <div data-testid="import-faults" className="rounded-sm border border-danger bg-danger-bg px-3 py-2 text-danger">
        <p className="font-medium">Nothing was imported. Correct these lines and choose the file again.</p>
        <ul className="mt-1 max-h-48 overflow-y-auto">
          {result.faults.slice(0, 100).map((fault) => (
            <li key={`${fault.line} ${fault.reason}`}>
              {fault.line > 0 && <b className="num">line {fault.line}: </b>}
              {fault.reason}
            </li>
          ))}
        </ul>
      </div>
    );
  }
  return (
    <div data-testid="import-preview">
      <p className="num font-medium">
        {result.added} to add, {result.same} already present
      </p>
      <Table
        label="Events of the file"
        columns={COLUMNS}
        rows={result.events}
        rowKey={(event) => `${event.kind} ${event.symbol} ${event.title} ${event.startsAt} ${event.endsAt}`}
        maxHeight="max-h-56"
        className="mt-2 rounded-sm border border-border"
      />
    </div>
  );
}
