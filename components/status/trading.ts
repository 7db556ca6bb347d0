import type { RouterOutputs } from '@/components/trpc/types';
import type { Display } from './tone';

type TradingState = RouterOutputs['trading']['state']['state'];
type Environment = RouterOutputs['system']['status']['environment'];

export const TRADING_STATE: Record<TradingState, Display> = {
  ACTIVE: { label: 'Active', tone: 'pos', glyph: '●', hint: 'Orders that pass policy are sent' },
  REDUCING: { label: 'Reducing', tone: 'warn', glyph: '◐', hint: 'Only orders that reduce positions are sent' },
  HALTED: { label: 'Halted', tone: 'danger', glyph: '■', hint: 'Only cancels and closing orders are sent' },
};

export const ENVIRONMENT: Record<Environment, { readonly label: string; readonly hint: string }> = {
  SIM: { label: 'SIM', hint: 'Simulated broker and market: no real money' },
  PAPER: { label: 'PAPER', hint: "A broker's paper account: no real money" },
  LIVE: { label: 'LIVE', hint: 'Real money' },
};
