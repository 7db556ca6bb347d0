'use client';

import { Button } from '@/components/ui/button';
import { ScrollBox } from '@/components/ui/scroll-box';
import type { DraftPrice } from './settings-changes';

const CELL = 'h-7 w-full rounded-sm border border-control bg-surface px-1.5 text-12';

interface PricesTableProps {
  readonly prices: readonly DraftPrice[];
  readonly onPrices: (prices: readonly DraftPrice[]) => void;
}

/** What models cost, to be typed. A model without a price is not asked while dollars are limited. */
export function PricesTable({ prices, onPrices }: PricesTableProps) {
  const change = (key: number, part: Partial<DraftPrice>) =>
    onPrices(prices.map((price) => (price.key === key ? { ...price, ...part } : price)));
  const nextKey = Math.max(-1, ...prices.map(({ key }) => key)) + 1;
  return (
    <div>
      <div className="mb-1 flex items-center justify-between gap-2">
        <h3 className="text-12 font-medium">Prices, in dollars for a million tokens</h3>
        <Button
          size="small"
          onClick={() => onPrices([{ key: nextKey, model: '', input: '', output: '' }, ...prices])}
          data-testid="add-price"
        >
          Add a model
        </Button>
      </div>
      {prices.length === 0 ? (
        <p className="text-muted">No price is known.</p>
      ) : (
        <ScrollBox label="Prices" className="max-h-60">
          <table className="table">
            <thead>
              <tr>
                <th scope="col">Model</th>
                <th scope="col">In</th>
                <th scope="col">Out</th>
                <th scope="col">
                  <span className="sr-only">Remove</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {prices.map((price) => (
                <PriceRow
                  key={price.key}
                  price={price}
                  onChange={(part) => change(price.key, part)}
                  onRemove={() => onPrices(prices.filter(({ key }) => key !== price.key))}
                />
              ))}
            </tbody>
          </table>
        </ScrollBox>
      )}
    </div>
  );
}

interface PriceRowProps {
  readonly price: DraftPrice;
  readonly onChange: (part: Partial<DraftPrice>) => void;
  readonly onRemove: () => void;
}

function PriceRow({ price, onChange, onRemove }: PriceRowProps) {
  const name = price.model === '' ? 'the new model' : price.model;
  return (
    <tr data-testid="price-row">
      <td className="min-w-40">
        <input
          aria-label={`Model, ${name}`}
          value={price.model}
          maxLength={200}
          onChange={(event) => onChange({ model: event.target.value })}
          className={CELL}
        />
      </td>
      <td className="min-w-20">
        <input
          aria-label={`Dollars in, ${name}`}
          value={price.input}
          inputMode="decimal"
          maxLength={28}
          onChange={(event) => onChange({ input: event.target.value })}
          className={CELL}
        />
      </td>
      <td className="min-w-20">
        <input
          aria-label={`Dollars out, ${name}`}
          value={price.output}
          inputMode="decimal"
          maxLength={28}
          onChange={(event) => onChange({ output: event.target.value })}
          className={CELL}
        />
      </td>
      <td>
        <Button size="small" variant="ghost" onClick={onRemove} aria-label={`Remove ${name}`}>
          Remove
        </Button>
      </td>
    </tr>
  );
}
