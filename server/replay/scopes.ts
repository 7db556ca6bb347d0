import type { HaltScope } from '@/server/contracts/scenario';

/** What an order or signal belongs to. */
export interface Belonging {
  readonly symbol: string;
  readonly strategy: string;
  readonly principal: string;
}

/** A scope that is halted, in words. */
export interface HaltedScope {
  readonly name: string;
  /** What closes a position is let through. */
  readonly reduced: boolean;
}

interface Halted {
  readonly scope: HaltScope;
  readonly reduced: boolean;
}

const nameOf = ({ strategy, symbol, principal }: HaltScope): string => {
  if (strategy !== undefined) return `strategy ${strategy}`;
  return symbol === undefined ? `principal ${principal}` : `symbol ${symbol}`;
};

export function belongsTo({ strategy, symbol, principal }: HaltScope, it: Belonging): boolean {
  if (strategy !== undefined) return strategy === it.strategy;
  return symbol === undefined ? principal === it.principal : symbol === it.symbol;
}

/** Scopes that a person has halted (H-6). */
export class HaltedScopes {
  private readonly halted = new Map<string, Halted>();

  halt(scope: HaltScope, reduced: boolean): void {
    this.halted.set(nameOf(scope), { scope, reduced });
  }

  /** @returns whether it was halted */
  release(scope: HaltScope): boolean {
    return this.halted.delete(nameOf(scope));
  }

  clear(): void {
    this.halted.clear();
  }

  /** The halted scope of an order, or null. One that is halted altogether comes before one that may still close positions. */
  of(it: Belonging): HaltedScope | null {
    const all = [...this.halted].filter(([, { scope }]) => belongsTo(scope, it));
    const [found] = [...all.filter(([, { reduced }]) => !reduced), ...all];
    return found === undefined ? null : { name: found[0], reduced: found[1].reduced };
  }
}
