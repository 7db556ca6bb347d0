'use client';

import { type ReactNode, useState } from 'react';
import { useLoaded } from './use-loaded';

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

const loadPanel = () => import('./popover-panel');

/**
 * A non-modal panel below its button. Escape and a press outside close it; focus returns to the button. Base UI loads after the first
 * paint; a click before that opens the panel once it is there.
 */
export function Popover(props: PopoverProps) {
  const loaded = useLoaded(loadPanel);
  const [wanted, setWanted] = useState(false);
  if (loaded !== null) return <loaded.PopoverPanel {...props} defaultOpen={wanted} />;
  const want = () => {
    setWanted(true);
    props.onOpen?.();
  };
  return <button type="button" {...props.trigger} aria-haspopup="dialog" aria-expanded={wanted} onClick={want} />;
}
