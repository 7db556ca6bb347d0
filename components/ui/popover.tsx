'use client';

import { Popover as Base } from '@base-ui/react/popover';
import type { ReactNode } from 'react';
import { cx } from './cx';

interface PopoverProps {
  /** The button that opens it: a `PopoverTrigger`. */
  readonly trigger: ReactNode;
  readonly onOpen?: () => void;
  readonly className?: string;
  readonly testId?: string;
  readonly children: ReactNode;
}

/** A non-modal panel below its button. Escape and a press outside close it; focus returns to the button. */
export function Popover({ trigger, onOpen, className, testId, children }: PopoverProps) {
  return (
    <Base.Root onOpenChange={(open) => open && onOpen?.()}>
      {trigger}
      <Base.Portal>
        <Base.Positioner align="end" sideOffset={4} collisionPadding={12} className="z-30">
          <Base.Popup
            data-testid={testId}
            className={cx(
              'max-h-(--available-height) max-w-[calc(100vw-24px)] overflow-y-auto rounded-md border border-border bg-surface text-13 text-text',
              className,
            )}
          >
            {children}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}

export const PopoverTrigger = Base.Trigger;
/** The heading that names the panel. */
export const PopoverTitle = Base.Title;
