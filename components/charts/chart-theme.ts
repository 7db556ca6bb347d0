'use client';

import { useEffect, useState } from 'react';

/** The tokens that a canvas needs: it knows no style sheet. */
export interface ChartColours {
  readonly text: string;
  readonly muted: string;
  readonly border: string;
  readonly surface: string;
  readonly control: string;
  readonly primary: string;
  readonly pos: string;
  readonly neg: string;
  readonly warn: string;
  readonly warnBg: string;
}

function readColours(): ChartColours {
  const style = getComputedStyle(document.documentElement);
  const token = (name: string) => style.getPropertyValue(`--c-${name}`).trim();
  return {
    text: token('text'),
    muted: token('muted'),
    border: token('border'),
    surface: token('surface'),
    control: token('control'),
    primary: token('primary'),
    pos: token('pos'),
    neg: token('neg'),
    warn: token('warn'),
    warnBg: token('warn-bg'),
  };
}

/** The colours of the theme that is shown, also after it changes. In the browser only. */
export function useChartColours(): ChartColours {
  const [colours, setColours] = useState(readColours);
  useEffect(() => {
    const update = () => setColours(readColours());
    const dark = window.matchMedia('(prefers-color-scheme: dark)');
    const observer = new MutationObserver(update);
    dark.addEventListener('change', update);
    observer.observe(document.documentElement, { attributes: true });
    return () => {
      dark.removeEventListener('change', update);
      observer.disconnect();
    };
  }, []);
  return colours;
}
