'use client';

import { usePathname } from 'next/navigation';
import { useEffect, useRef } from 'react';
import { cx } from '@/components/ui/cx';
import { Link } from '@/components/ui/link';
import { isCurrent, NAV } from './nav-items';
import { useWaiting } from './use-status';

/** A column on wide screens, a row that scrolls on narrow ones. */
export function SideNav() {
  const pathname = usePathname();
  const waiting = useWaiting();
  const list = useRef<HTMLUListElement>(null);
  const currentHref = NAV.find((item) => isCurrent(item, pathname))?.href;
  useEffect(() => {
    const box = list.current;
    const current = box?.querySelector<HTMLElement>(`a[href="${currentHref}"]`);
    if (box === null || current === null || current === undefined) return;
    box.scrollTo({ left: current.offsetLeft - (box.clientWidth - current.clientWidth) / 2 });
  }, [currentHref]);
  return (
    <nav
      aria-label="Main"
      className="border-b border-border bg-surface lg:sticky lg:top-0 lg:w-[156px] lg:shrink-0 lg:self-start lg:border-0 lg:bg-transparent lg:py-3 lg:pl-2"
    >
      <ul ref={list} className="relative flex gap-1 overflow-x-auto px-2 lg:flex-col lg:gap-0.5 lg:px-0">
        {NAV.map((item) => {
          const current = isCurrent(item, pathname);
          return (
            <li key={item.href} className="shrink-0">
              <Link
                href={item.href}
                aria-current={current ? 'page' : undefined}
                className={cx(
                  'flex h-9 items-center justify-between gap-2 border-b-2 px-2 lg:h-8 lg:rounded-sm lg:border-b-0',
                  current
                    ? 'border-primary font-semibold text-text lg:bg-primary-bg lg:text-primary'
                    : 'border-transparent text-muted hover:text-text lg:hover:bg-sunken',
                )}
              >
                {item.label}
                {item.href === '/approvals' && waiting.length > 0 && (
                  <span className="num min-w-5 rounded-full bg-warn-bg px-1.5 text-center text-11 font-semibold text-warn">
                    {waiting.length}
                  </span>
                )}
              </Link>
            </li>
          );
        })}
      </ul>
    </nav>
  );
}
