'use client';

import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTRPC } from '@/components/trpc/client';
import { Button } from '@/components/ui/button';
import { cx } from '@/components/ui/cx';
import { Dialog, DialogActions, DialogBody } from '@/components/ui/dialog';
import { TextField } from '@/components/ui/field';
import { NoPermission } from '@/components/ui/states';
import { haltExtent } from './halt-extent';
import { HaltProgress } from './halt-progress';
import { useMayOperate } from './session';
import { useKill } from './use-kill';
import { useStatus } from './use-status';

interface ChoiceProps {
  readonly title: string;
  readonly text: string;
  readonly children: React.ReactNode;
}

function Choice({ title, text, children }: ChoiceProps) {
  return (
    <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 border-t border-border py-3 first:border-t-0 first:pt-0 last:pb-0">
      <div className="min-w-0 flex-1 basis-56">
        <h3 className="font-semibold">{title}</h3>
        <p className="text-12 text-muted">{text}</p>
      </div>
      {children}
    </div>
  );
}

/** One click opens it, one confirmation halts: the focus is on Halt, and no typing is needed. */
export function KillDialog({ open, onClose }: { readonly open: boolean; readonly onClose: () => void }) {
  return (
    <Dialog open={open} onClose={onClose} title="Halt trading" tone="danger" testId="kill-dialog" wide>
      <KillForm onClose={onClose} />
    </Dialog>
  );
}

/** What halting would do now; general words until the figures have arrived. Halting never waits for them. */
function useHaltExtent() {
  const trpc = useTRPC();
  const overview = useQuery(trpc.system.overview.queryOptions());
  const portfolio = useQuery(trpc.portfolio.get.queryOptions());
  return haltExtent(overview.data?.workingOrders ?? null, portfolio.data?.positions ?? null);
}

function KillForm({ onClose }: { readonly onClose: () => void }) {
  const { status } = useStatus();
  const may = useMayOperate();
  const kill = useKill();
  const [reason, setReason] = useState('');
  const [typed, setTyped] = useState('');
  const { trading } = status;
  const extent = useHaltExtent();
  const locked = !may || kill.busy !== null;
  return (
    <>
      <DialogBody>
        {!may && <NoPermission act="Halting trading" needed="operator" />}
        <div>
          <Choice title="Halt" text={`Sends nothing more. ${extent.halt}`}>
            <Button
              data-autofocus
              variant="kill"
              size="large"
              disabled={locked}
              onClick={() => void kill.run('halt', reason)}
              data-testid="kill-halt"
              className="w-40"
            >
              {kill.busy === 'halt' ? 'Halting…' : 'Halt'}
            </Button>
          </Choice>
          <Choice title="Reduce only" text="Cancels orders that open risk; only orders that reduce positions are sent.">
            <Button
              disabled={locked || trading.state !== 'ACTIVE'}
              onClick={() => void kill.run('reduce', reason)}
              data-testid="kill-reduce"
              className="w-40"
            >
              {kill.busy === 'reduce' ? 'Reducing…' : 'Reduce only'}
            </Button>
          </Choice>
          <Choice title="Halt and flatten" text={`Halts, then ${extent.flatten}`}>
            <div className="flex w-40 flex-col gap-1.5">
              <TextField
                label="Type FLATTEN"
                value={typed}
                onChange={(event) => setTyped(event.target.value)}
                autoComplete="off"
                disabled={locked}
                data-testid="kill-flatten-text"
              />
              <Button
                variant="danger"
                disabled={locked || typed !== 'FLATTEN'}
                onClick={() => void kill.run('flatten', reason)}
                data-testid="kill-flatten"
              >
                {kill.busy === 'flatten' ? 'Flattening…' : 'Halt and flatten'}
              </Button>
            </div>
          </Choice>
        </div>
        <TextField
          label="Reason for the audit log (optional)"
          value={reason}
          maxLength={500}
          onChange={(event) => setReason(event.target.value)}
          disabled={locked}
        />
        <div aria-live="assertive">
          {kill.result !== null && (
            <p data-testid="kill-result" className={cx('font-medium', kill.result.ok ? 'text-text' : 'text-danger')}>
              {kill.result.text}
              {kill.result.unanswered && <WayOut />}
            </p>
          )}
        </div>
        {trading.halt !== null && (
          <div className="rounded-sm border border-border bg-sunken p-3">
            <HaltProgress halt={trading.halt} />
          </div>
        )}
      </DialogBody>
      <DialogActions>
        <Button onClick={onClose} data-testid="kill-close">
          Close
        </Button>
      </DialogActions>
    </>
  );
}

/** How to stop trading without the console. */
function WayOut() {
  return (
    <span className="mt-1 block font-normal">
      On the server run <code className="font-mono">npx countersign halt</code>; without a database{' '}
      <code className="font-mono">npx countersign halt --direct</code>, which cancels at the broker.
    </span>
  );
}
