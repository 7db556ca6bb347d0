import { BarConverter, type NumberedBar } from './convert';
import { dialectOf, surveyBars } from './dialect';
import type { BarFormat } from './layouts';
import type { BarFile, ReadBars, ReadOptions } from './types';

/**
 * Reads a text file of recorded bars that fits into memory. Everything that could be read in two ways follows from the file, the
 * format or the options; nothing is guessed.
 * @param text the whole file
 * @throws BarFileError naming every faulty line
 */
export function readBarFile(text: string, format: BarFormat, options: ReadOptions = {}): ReadBars {
  const survey = surveyBars(format, options);
  survey.push(text);
  survey.end();
  const dialect = dialectOf(survey);
  const converter = new BarConverter(dialect);
  const groups = new Map<string, NumberedBar[]>();
  for (const numbered of [...converter.push(text), ...converter.end()]) {
    const group = groups.get(numbered.bar.symbol);
    if (group === undefined) groups.set(numbered.bar.symbol, [numbered]);
    else group.push(numbered);
  }
  const files = [...groups].map(([symbol, group]): BarFile => {
    if (dialect.symbols.get(symbol)?.newestFirst) group.reverse();
    return { symbol, period: dialect.period, bars: group.map(({ bar }) => bar), lines: group.map(({ line }) => line) };
  });
  return { files, understood: dialect.understood, warnings: converter.warnings };
}
