'use client';

import { useRouter } from 'next/navigation';
import { type KeyboardEvent, useState } from 'react';
import { cx } from '@/components/ui/cx';
import { Dialog } from '@/components/ui/dialog';
import { useShellActions } from './actions';
import { NAV } from './nav-items';

interface Command {
  readonly label: string;
  readonly hint: string;
  readonly run: () => void;
}

/** ⌘K: go to a page or a symbol, or run a command. */
export function Palette({ open, onClose }: { readonly open: boolean; readonly onClose: () => void }) {
  return (
    <Dialog open={open} onClose={onClose} title="Go to" testId="palette">
      <PaletteBody onClose={onClose} />
    </Dialog>
  );
}

function useCommands(typed: string): readonly Command[] {
  const router = useRouter();
  const { open } = useShellActions();
  const symbol = typed.trim().toUpperCase();
  const commands: Command[] = [
    ...NAV.map((item) => ({
      label: item.label,
      hint: item.key === undefined ? '' : `g ${item.key}`,
      run: () => router.push(item.href),
    })),
    { label: 'Market events', hint: '', run: () => router.push('/market/events') },
    { label: 'Halt trading (KILL)', hint: 'kill', run: () => open('kill') },
    { label: 'Keyboard shortcuts', hint: '?', run: () => open('help') },
  ];
  const wanted = typed.trim().toLowerCase();
  const matching = commands.filter((command) => command.label.toLowerCase().includes(wanted));
  if (/^[A-Z][A-Z0-9.-]{0,11}$/.test(symbol)) {
    matching.push({
      label: `Market of ${symbol}`,
      hint: 'chart',
      run: () => router.push(`/market?symbol=${encodeURIComponent(symbol)}`),
    });
    matching.push({
      label: `Orders in ${symbol}`,
      hint: 'filter',
      run: () => router.push(`/orders?symbol=${encodeURIComponent(symbol)}`),
    });
  }
  return matching;
}

function PaletteBody({ onClose }: { readonly onClose: () => void }) {
  const [typed, setTyped] = useState('');
  const [current, setCurrent] = useState(0);
  const commands = useCommands(typed);
  const choose = (command: Command | undefined) => {
    if (command === undefined) return;
    onClose();
    command.run();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) {
      event.preventDefault();
      setCurrent((index) => Math.min(commands.length - 1, Math.max(0, index + step)));
    } else if (event.key === 'Enter') {
      event.preventDefault();
      choose(commands[current]);
    }
  };
  return (
    <div className="p-2">
      <input
        data-autofocus
        role="combobox"
        aria-expanded="true"
        aria-controls="palette-list"
        aria-activedescendant={`palette-${current}`}
        aria-label="Page or symbol"
        placeholder="Page or symbol"
        value={typed}
        onChange={(event) => {
          setTyped(event.target.value);
          setCurrent(0);
        }}
        onKeyDown={onKeyDown}
        className="h-9 w-full rounded-sm border border-control bg-surface px-2 text-14"
      />
      <div id="palette-list" role="listbox" aria-label="Matches" className="mt-2 max-h-72 overflow-y-auto">
        {commands.map((command, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the combobox above handles the keys
          <div
            key={command.label}
            id={`palette-${index}`}
            role="option"
            tabIndex={-1}
            aria-selected={index === current}
            onClick={() => choose(command)}
            className={cx(
              'flex h-8 cursor-pointer items-center justify-between rounded-sm px-2',
              index === current && 'bg-primary-bg',
            )}
          >
            <span>{command.label}</span>
            <span className="text-12 text-muted">{command.hint}</span>
          </div>
        ))}
        {commands.length === 0 && <p className="px-2 py-3 text-muted">No matches.</p>}
      </div>
    </div>
  );
}
