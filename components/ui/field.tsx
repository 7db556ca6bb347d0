'use client';

import { type InputHTMLAttributes, type TextareaHTMLAttributes, useId } from 'react';
import { cx } from './cx';

const BOX = 'w-full rounded-sm border border-control bg-surface px-2 py-1 text-13 text-text placeholder:text-muted';

interface Common {
  readonly label: string;
  readonly hint?: string;
}

export function TextField({ label, hint, className, ...rest }: Common & InputHTMLAttributes<HTMLInputElement>) {
  const id = useId();
  return (
    <div className={className}>
      <label htmlFor={id} className="mb-1 block text-12 font-medium">
        {label}
      </label>
      <input
        id={id}
        className={cx(BOX, 'h-8')}
        {...(hint === undefined ? {} : { 'aria-describedby': `${id}-hint` })}
        {...rest}
      />
      {hint !== undefined && (
        <p id={`${id}-hint`} className="mt-1 text-12 text-muted">
          {hint}
        </p>
      )}
    </div>
  );
}

export function TextArea({ label, hint, className, ...rest }: Common & TextareaHTMLAttributes<HTMLTextAreaElement>) {
  const id = useId();
  return (
    <div className={className}>
      <label htmlFor={id} className="mb-1 block text-12 font-medium">
        {label}
      </label>
      <textarea
        id={id}
        rows={3}
        className={BOX}
        {...(hint === undefined ? {} : { 'aria-describedby': `${id}-hint` })}
        {...rest}
      />
      {hint !== undefined && (
        <p id={`${id}-hint`} className="mt-1 text-12 text-muted">
          {hint}
        </p>
      )}
    </div>
  );
}

/** Label on the left of a plain select. */
export function SelectField<T extends string>({
  label,
  value,
  options,
  onChange,
}: {
  readonly label: string;
  readonly value: T;
  readonly options: Readonly<Record<T, string>>;
  readonly onChange: (value: T) => void;
}) {
  const id = useId();
  const keys = Object.keys(options) as T[];
  return (
    <span className="inline-flex items-center gap-1.5">
      <label htmlFor={id} className="text-12 text-muted">
        {label}
      </label>
      <select
        id={id}
        value={value}
        onChange={(event) => {
          const chosen = keys.find((key) => key === event.target.value);
          if (chosen !== undefined) onChange(chosen);
        }}
        className="h-7 rounded-sm border border-control bg-surface px-1.5 text-12"
      >
        {keys.map((key) => (
          <option key={key} value={key}>
            {options[key]}
          </option>
        ))}
      </select>
    </span>
  );
}
