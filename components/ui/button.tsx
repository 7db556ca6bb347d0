import type { ButtonHTMLAttributes, Ref } from 'react';
import { cx } from './cx';

type Variant = 'primary' | 'default' | 'danger' | 'kill' | 'ghost';

const VARIANTS: Record<Variant, string> = {
  primary: 'border-transparent bg-primary text-on-primary enabled:hover:opacity-90',
  default: 'border-control bg-surface text-text enabled:hover:bg-sunken',
  danger: 'border-danger bg-surface text-danger enabled:hover:bg-danger-bg',
  kill: 'border-transparent bg-kill text-white enabled:hover:bg-kill-strong',
  ghost: 'border-transparent bg-transparent text-muted enabled:hover:bg-sunken enabled:hover:text-text',
};

const SIZES = { small: 'h-7 px-2 text-12', medium: 'h-8 px-3 text-13', large: 'h-10 px-4 text-14' } as const;

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  readonly variant?: Variant;
  readonly size?: keyof typeof SIZES;
  readonly ref?: Ref<HTMLButtonElement>;
}

export function Button({ variant = 'default', size = 'medium', className, type = 'button', ...rest }: ButtonProps) {
  return (
    <button
      type={type}
      className={cx(
        'inline-flex shrink-0 items-center justify-center gap-1.5 rounded-sm border font-medium whitespace-nowrap select-none disabled:opacity-55',
        VARIANTS[variant],
        SIZES[size],
        className,
      )}
      {...rest}
    />
  );
}
