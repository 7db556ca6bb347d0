'use client';

import type { ComponentType } from 'react';
import { useLoaded } from './use-loaded';

interface DialogModule<Props> {
  readonly Dialog: ComponentType<Props>;
}

/** A dialog whose code loads after the first paint. One opened before that appears as soon as its code is there. */
export function lazyDialog<Props extends object>(load: () => Promise<ComponentType<Props>>): ComponentType<Props> {
  const loadModule = async () => ({ Dialog: await load() });
  return (props) => <WhenLoaded load={loadModule} props={props} />;
}

interface WhenLoadedProps<Props> {
  readonly load: () => Promise<DialogModule<Props>>;
  readonly props: Props;
}

function WhenLoaded<Props extends object>({ load, props }: WhenLoadedProps<Props>) {
  const loaded = useLoaded(load);
  return loaded === null ? null : <loaded.Dialog {...props} />;
}
