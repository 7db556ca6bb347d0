'use client';

import { useEffect, useState } from 'react';

const RETRY_MS = 2_000;

/** Loads a module, retrying until it succeeds. */
export async function untilLoaded<Module>(load: () => Promise<Module>): Promise<Module> {
  for (;;) {
    try {
      return await load();
    } catch {
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
}

/** A module loaded after the first paint; null until then. `load` must be the same function at each render. */
export function useLoaded<Module extends object>(load: () => Promise<Module>): Module | null {
  const [module, setModule] = useState<Module | null>(null);
  useEffect(() => {
    let gone = false;
    void untilLoaded(() => (gone ? new Promise<Module>(() => undefined) : load())).then((loaded) => {
      if (!gone) setModule(loaded);
    });
    return () => {
      gone = true;
    };
  }, [load]);
  return module;
}
