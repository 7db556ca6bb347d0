import { InvalidArgumentError } from 'commander';
import type { ReadOptions } from '@/server/domain/market/bar-file';

export type Split = NonNullable<ReadOptions['splits']>[number];

/** Reads one `--split DATE:RATIO` and adds it to those before. @throws InvalidArgumentError */
export function splits(text: string, before: readonly Split[]): readonly Split[] {
  const match = /^(\d{4}-\d{2}-\d{2}):(\d{1,3})(?:\/(\d{1,3}))?$/.exec(text);
  const ratio = Number(match?.[2] ?? 0) / Number(match?.[3] ?? 1);
  if (match === null || !(ratio > 0 && Number.isFinite(ratio)))
    throw new InvalidArgumentError('must be a date and new shares for an old one, such as 2020-08-31:4');
  return [...before, { date: match[1] ?? '', ratio }];
}
