'use client';

import { lazy, Suspense } from 'react';
import { untilLoaded } from '@/components/ui/use-loaded';
import { bannersOf } from './banner-names';
import { useDataAge } from './data-age';
import { useStatus } from './use-status';

/** Most of the time there is no banner: what they say is in the page's first HTML, and its script comes after. */
export const loadBannerList = () => import('./banner-list');

const BannerList = lazy(async () => {
  const { BannerList: list } = await untilLoaded(loadBannerList);
  return { default: list };
});

/** What asks for attention on every page; each goes when its cause goes. Until its words are there, its name is. */
export function Banners() {
  const { status, error } = useStatus();
  const names = bannersOf(status, useDataAge(status), error);
  return (
    <div data-testid="banners">
      {names.length > 0 && (
        <Suspense
          fallback={names.map((name) => (
            <p key={name} role="alert" className="min-h-9 bg-kill px-3 py-2 text-12 font-bold text-white">
              {name}
            </p>
          ))}
        >
          <BannerList names={names} status={status} error={error} />
        </Suspense>
      )}
    </div>
  );
}
