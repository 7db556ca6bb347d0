'use client';

import { useEffect, useState } from 'react';

const RETRY_MS = 2_000;

/**
 * A module that the first paint does without: fetched right after it and, should that fail, until it is there; null
 * until then. `load` must be the same function at each render.
 */
export function useLoaded<Module extends object>(load: () => Promise<Module>): Module | null {
  const [module, setModule] = useState<Module | null>(null);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | null = null;
    let gone = false;
    const attempt = () => {
      load().then(
        (loaded) => gone || setModule(loaded),
        () => {
          if (!gone) timer = setTimeout(attempt, RETRY_MS);
        },
      );
    };
    attempt();
    return () => {
      gone = true;
      if (timer !== null) clearTimeout(timer);
    };
  }, [load]);
  return module;
}
