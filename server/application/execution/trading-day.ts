const NEW_YORK = new Intl.DateTimeFormat('en-CA', {
  timeZone: 'America/New_York',
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
});

/** The date in New York of an instant, YYYY-MM-DD. */
export function newYorkDateOf(ms: number): string {
  return NEW_YORK.format(new Date(ms));
}
