'use client';

import { useState } from 'react';
import { useKeys } from '@/components/shell/keys';
import { useMayOperate } from '@/components/shell/session';
import type { ApprovalDetail } from '@/components/trpc/types';
import { DecideBar } from './decide-bar';
import { Decided } from './decided';
import { ApproveDialog, RejectDialog } from './decision-dialogs';
import { OutcomeNotice } from './outcome-notice';
import { Refusals } from './refusals';
import { useDecide } from './use-decide';

interface DecidingProps {
  readonly detail: ApprovalDetail;
  readonly open: boolean;
}

/** The decisions with their dialogs, and what the server made of them. */
export function Deciding({ detail, open }: DecidingProps) {
  const decide = useDecide(detail.approval.id);
  const may = useMayOperate();
  const [dialog, setDialog] = useState<'approve' | 'reject' | null>(null);
  const ready = open && may && !decide.busy;
  const close = () => setDialog(null);
  const ask = (which: 'approve' | 'reject') => {
    if (ready) setDialog(which);
  };
  useKeys({ a: () => ask('approve'), r: () => ask('reject') });
  return (
    <>
      <OutcomeNotice outcome={decide.outcome} />
      <DecideBar open={open} ready={ready} onApprove={() => ask('approve')} onReject={() => ask('reject')} />
      {!open && <Decided detail={detail} />}
      <Refusals refusals={detail.refusals} />
      <ApproveDialog
        open={dialog === 'approve' && open}
        detail={detail}
        busy={decide.busy}
        onClose={close}
        onApprove={() => void decide.approve(detail.shownHash).then(close)}
      />
      <RejectDialog
        open={dialog === 'reject' && open}
        detail={detail}
        busy={decide.busy}
        onClose={close}
        onReject={(reason) => void decide.reject(reason).then(close)}
      />
    </>
  );
}
