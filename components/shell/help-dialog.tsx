'use client';

import { Button } from '@/components/ui/button';
import { Dialog, DialogActions, DialogBody } from '@/components/ui/dialog';
import { setPreference, usePreferences } from './preferences';

const KEYS: readonly (readonly [string, string])[] = [
  ['?', 'This list'],
  ['⌘K or Ctrl K', 'Go to a page or symbol'],
  ['⇧⌘K or Ctrl Shift K', 'Open the Halt dialog, also from another dialog'],
  ['g h', 'Overview'],
  ['g a', 'Approvals'],
  ['g o', 'Orders'],
  ['g p', 'Portfolio'],
  ['g m', 'Market'],
  ['g s', 'Signals'],
  ['g t', 'Strategies'],
  ['g e', 'Reasoning'],
  ['g r', 'Reconciliation'],
  ['j / k', 'Next / previous in a list'],
  ['o', 'Open the marked order'],
  ['a / r', 'Open the Approve / Reject dialog'],
  ['Esc', 'Close the dialog'],
];

export function HelpDialog({ open, onClose }: { readonly open: boolean; readonly onClose: () => void }) {
  const { keys } = usePreferences();
  return (
    <Dialog open={open} onClose={onClose} title="Keyboard shortcuts" testId="help-dialog">
      <DialogBody>
        <dl className="grid grid-cols-[112px_1fr] gap-x-3 gap-y-1">
          {KEYS.map(([key, what]) => (
            <div key={key} className="contents">
              <dt>
                <kbd className="rounded-sm border border-border bg-sunken px-1 font-mono text-12">{key}</kbd>
              </dt>
              <dd>{what}</dd>
            </div>
          ))}
        </dl>
        <label className="flex items-center gap-2">
          <input type="checkbox" checked={keys} onChange={(event) => setPreference('keys', event.target.checked)} />
          Single-key shortcuts
        </label>
      </DialogBody>
      <DialogActions>
        <Button onClick={onClose} data-autofocus>
          Close
        </Button>
      </DialogActions>
    </Dialog>
  );
}
