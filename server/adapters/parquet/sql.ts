/** Text in single quotes. */
export const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** A list of files to read, by their very names: what DuckDB takes for a pattern in a path (`*?[`) stands for itself. */
export const fileList = (files: readonly string[]): string =>
  `[${files.map((file) => quoted(file.replace(/[[*?]/g, (sign) => `[${sign}]`))).join(', ')}]`;
