'use client';

import type { Column } from '@/components/table/column';
import { Table } from '@/components/table/table';
import { Button } from '@/components/ui/button';
import type { DraftPrice } from './settings-changes';

interface PricesTableProps {
  readonly prices: readonly DraftPrice[];
  readonly onPrices: (prices: readonly DraftPrice[]) => void;
}

/** Editable prices of models. While dollars are limited, a model without a price is not used. */
export function PricesTable({ prices, onPrices }: PricesTableProps) {
  const change = (key: number, part: Partial<DraftPrice>) =>
    onPrices(prices.map((price) => (price.key === key ? { ...price, ...part } : price)));
  const input = (field: Field, label: string, header: string, className: string): Column<DraftPrice> => ({
    id: field,
    header,
    className,
    cell: (price) => (
      <PriceInput field={field} label={label} price={price} onChange={(part) => change(price.key, part)} />
    ),
  });
  const columns: readonly Column<DraftPrice>[] = [
    input('model', 'Model', 'Model', 'min-w-40'),
    input('input', 'Dollars in', 'Input', 'min-w-20'),
    input('output', 'Dollars out', 'Output', 'min-w-20'),
    {
      id: 'remove',
      header: 'Remove',
      headerHidden: true,
      cell: (price) => (
        <Button
          size="small"
          variant="ghost"
          onClick={() => onPrices(prices.filter(({ key }) => key !== price.key))}
          aria-label={`Remove ${nameOf(price)}`}
        >
          Remove
        </Button>
      ),
    },
  ];
  const nextKey = Math.max(-1, ...prices.map(({ key }) => key)) + 1;
  return (
    <div>
      <div className="mb-1 flex items-center justify-between gap-2">
        <h3 className="text-12 font-medium">Prices in dollars per million tokens</h3>
        <Button
          size="small"
          onClick={() => onPrices([{ key: nextKey, model: '', input: '', output: '' }, ...prices])}
          data-testid="add-price"
        >
          Add model
        </Button>
      </div>
      <Table
        label="Prices"
        columns={columns}
        rows={prices}
        rowKey={({ key }) => String(key)}
        rowProps={() => ({ 'data-testid': 'price-row' })}
        maxHeight="max-h-60"
        empty={<p className="text-muted">No prices set.</p>}
      />
    </div>
  );
}

type Field = 'model' | 'input' | 'output';

interface PriceInputProps {
  readonly field: Field;
  readonly label: string;
  readonly price: DraftPrice;
  readonly onChange: (part: Partial<DraftPrice>) => void;
}

const nameOf = ({ model }: DraftPrice) => (model === '' ? 'the new model' : model);

function PriceInput({ field, label, price, onChange }: PriceInputProps) {
  return (
    <input
      aria-label={`${label}, ${nameOf(price)}`}
      value={price[field]}
      maxLength={field === 'model' ? 200 : 28}
      inputMode={field === 'model' ? 'text' : 'decimal'}
      onChange={(event) => onChange({ [field]: event.target.value })}
      className="h-7 w-full rounded-sm border border-control bg-surface px-1.5 text-12"
    />
  );
}
