'use client';

import { type ReactNode, type SyntheticEvent, useEffect, useId, useRef } from 'react';
import { cx } from './cx';

interface DialogProps {
  readonly open: boolean;
  readonly onClose: () => void;
  readonly title: string;
  readonly tone?: 'plain' | 'danger';
  readonly testId?: string;
  readonly wide?: boolean;
  readonly children: ReactNode;
}

/** The browser's own modal: focus stays inside, Esc closes, focus returns to what opened it. */
export function Dialog({ open, onClose, title, tone = 'plain', testId, wide = false, children }: DialogProps) {
  const ref = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  useEffect(() => {
    const dialog = ref.current;
    if (dialog === null) return;
    if (open && !dialog.open) {
      dialog.showModal();
      // React applies autoFocus at mount, before the dialog is shown; the mark is honoured here instead.
      dialog.querySelector<HTMLElement>('[data-autofocus]')?.focus();
    }
    if (!open && dialog.open) dialog.close();
  }, [open]);
  const cancel = (event: SyntheticEvent) => {
    event.preventDefault();
    onClose();
  };
  return (
    <dialog
      ref={ref}
      aria-labelledby={titleId}
      data-testid={testId}
      onCancel={cancel}
      className={cx(
        'm-auto max-h-[calc(100dvh-32px)] w-[calc(100vw-24px)] overflow-y-auto rounded-md border bg-surface p-0 text-left text-13 text-text',
        wide ? 'max-w-[640px]' : 'max-w-[480px]',
        tone === 'danger' ? 'border-kill' : 'border-border',
      )}
    >
      {open && (
        <>
          <h2
            id={titleId}
            className={cx('border-b border-border px-4 py-3 text-16 font-semibold', tone === 'danger' && 'text-danger')}
          >
            {title}
          </h2>
          {children}
        </>
      )}
    </dialog>
  );
}

export function DialogBody({ children }: { readonly children: ReactNode }) {
  return <div className="flex flex-col gap-3 px-4 py-3">{children}</div>;
}

export function DialogActions({ children }: { readonly children: ReactNode }) {
  return (
    <div className="flex flex-wrap items-center justify-end gap-2 border-t border-border bg-sunken px-4 py-3">
      {children}
    </div>
  );
}
