export type Tone = 'neutral' | 'primary' | 'pos' | 'warn' | 'danger';

export const TONE_TEXT: Readonly<Record<Tone, string>> = {
  neutral: 'text-muted',
  primary: 'text-primary',
  pos: 'text-pos',
  warn: 'text-warn',
  danger: 'text-danger',
};

/** How a value is shown: words first, a glyph so that colour is never alone. */
export interface Display {
  readonly label: string;
  readonly tone: Tone;
  readonly glyph: string;
  /** Full sentence, for tooltips and screen readers. */
  readonly hint: string;
}
