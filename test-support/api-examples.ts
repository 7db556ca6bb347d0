import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Endpoint } from '@/server/api/rest/endpoint';

/** A JSON example of docs/api.md. */
export interface ApiExample {
  /** Null for a request; the status for an answer. */
  readonly status: number | null;
  /** `POST /v1/orders`, or `problem` for the body of any problem. */
  readonly of: string;
  readonly body: unknown;
}

/** Values for the variables of an address, where the examples send requests. */
const VARIABLES: Readonly<Record<string, string>> = {
  '{id}': '0198f2a0-0000-7000-8000-00000000000a',
  '{name}': 'ema-cross',
  '{symbol}': 'SPY',
};

const PAGE = path.resolve(import.meta.dirname, '../docs/api.md');

/** All JSON examples of docs/api.md, in order. @throws SyntaxError for one that is not JSON */
export function apiExamples(): readonly ApiExample[] {
  const blocks = readFileSync(PAGE, 'utf8').matchAll(/^```json (?:(\d{3}) )?([^\n]+)\n(.*?)^```$/gms);
  return [...blocks].map(([, status, of = '', text = '']) => ({
    status: status === undefined ? null : Number(status),
    of,
    body: JSON.parse(text),
  }));
}

export const nameOf = ({ method, path: address }: Pick<Endpoint, 'method' | 'path'>) => `${method} ${address}`;

/** The address of an endpoint with its variables filled in. */
export const addressOf = ({ path: address }: Pick<Endpoint, 'path'>): string =>
  address.replaceAll(/\{\w+\}/g, (variable) => VARIABLES[variable] ?? variable);
