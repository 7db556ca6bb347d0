/** Prints measured figures on one line, which `npm test` shows among its results. */
export function figures(what: string, values: Readonly<Record<string, string | number>>): void {
  const text = Object.entries(values).map(([name, value]) => `${name} ${value}`);
  console.log(`figures: ${what}: ${text.join(', ')}`);
}
