import { alertInfo } from '@/server/contracts/alerts';

/** The title of an alert. */
export const kindLabel = (kind: string): string => alertInfo(kind).title;

/** The page that helps with an alert. */
export const alertHref = (kind: string): string => alertInfo(kind).href;
