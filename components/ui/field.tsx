'use client';

import { type ComponentProps, type ReactNode, useId } from 'react';
import { cx } from './cx';

const BOX = 'w-full rounded-sm border bg-surface px-2 py-1 text-13 text-text placeholder:text-muted';

interface FieldProps {
  readonly label: string;
  readonly hint?: string | undefined;
  /** What is wrong with the value, and how to correct it; replaces the hint. */
  readonly error?: string | undefined;
  readonly className?: string | undefined;
}

/** Label above, hint or error below, tied to the control for screen readers. */
function Field({
  id,
  label,
  hint,
  error,
  className,
  children,
}: FieldProps & { readonly id: string; readonly children: ReactNode }) {
  return (
    <div className={className}>
      <label htmlFor={id} className="mb-1 block text-12 font-medium">
        {label}
      </label>
      {children}
      {error !== undefined ? (
        <p id={`${id}-error`} className="mt-1 text-12 text-danger">
          {error}
        </p>
      ) : (
        hint !== undefined && (
          <p id={`${id}-hint`} className="mt-1 text-12 text-muted">
            {hint}
          </p>
        )
      )}
    </div>
  );
}

function describedBy(id: string, { hint, error }: FieldProps) {
  if (error !== undefined) return { 'aria-invalid': true, 'aria-describedby': `${id}-error` };
  return hint === undefined ? {} : { 'aria-describedby': `${id}-hint` };
}

const borderOf = (error: string | undefined) => (error === undefined ? 'border-control' : 'border-danger');

export function TextField({ label, hint, error, className, ...rest }: FieldProps & ComponentProps<'input'>) {
  const id = useId();
  const field = { label, hint, error, className };
  return (
    <Field id={id} {...field}>
      <input id={id} className={cx(BOX, borderOf(error), 'h-8')} {...describedBy(id, field)} {...rest} />
    </Field>
  );
}

export function TextArea({ label, hint, error, className, ...rest }: FieldProps & ComponentProps<'textarea'>) {
  const id = useId();
  const field = { label, hint, error, className };
  return (
    <Field id={id} {...field}>
      <textarea id={id} rows={3} className={cx(BOX, borderOf(error))} {...describedBy(id, field)} {...rest} />
    </Field>
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
