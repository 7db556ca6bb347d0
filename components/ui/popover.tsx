'use client';

import { useState } from 'react';
import type { PopoverProps } from './popover-panel';
import { useLoaded } from './use-loaded';

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
