'use client';

import { Popover } from '@base-ui/react/popover';
import type { ReactNode } from 'react';
import { cx } from './cx';

interface Trigger {
  readonly 'aria-label': string;
  readonly 'data-testid': string;
  readonly className: string;
  readonly children: ReactNode;
}

export interface PopoverProps {
  /** The button that opens the panel. */
  readonly trigger: Trigger;
  /** Accessible name of the panel. */
  readonly label: string;
  readonly onOpen?: () => void;
  readonly className?: string;
  readonly testId?: string;
  readonly children: ReactNode;
}

interface PopoverPanelProps extends PopoverProps {
  readonly defaultOpen: boolean;
}

/** The button and its panel, once Base UI is loaded. */
export function PopoverPanel({ trigger, label, defaultOpen, onOpen, className, testId, children }: PopoverPanelProps) {
  return (
    <Popover.Root defaultOpen={defaultOpen} onOpenChange={(open) => open && onOpen?.()}>
      <Popover.Trigger {...trigger} />
      <Popover.Portal>
        <Popover.Positioner align="end" sideOffset={4} collisionPadding={12} className="z-30">
          <Popover.Popup
            aria-label={label}
            data-testid={testId}
            className={cx(
              'max-h-(--available-height) max-w-[calc(100vw-24px)] overflow-y-auto rounded-md border border-border bg-surface text-13 text-text',
              className,
            )}
          >
            {children}
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  );
}
