import type { FaultAnswer } from '../faults';
import type { SimAnswer } from './exchange';

const PAGE = '<!DOCTYPE html>\n<html><head><title>Bad gateway</title></head><body><h1>Bad gateway</h1></body></html>\n';
const HTML = 'text/html; charset=UTF-8';
const JSON_TYPE = 'application/json; charset=UTF-8';

/**
 * The answer that a fault switch puts in the place of a request's own.
 * @param own what the request was answered, when it was to take effect
 */
export function standIn(fault: FaultAnswer, own: SimAnswer | null): SimAnswer {
  if (fault === 'html') return { status: 200, raw: { text: PAGE, type: HTML, broken: false } };
  if (fault === 'truncated' || fault === 'cut_json') {
    const text = JSON.stringify(own?.body ?? { message: 'an answer that is cut off before its end' });
    const broken = fault === 'truncated';
    const shown = broken ? text : text.slice(0, Math.floor(text.length / 2));
    return { status: own?.status ?? 200, raw: { text: shown, type: JSON_TYPE, broken } };
  }
  return fault.body === undefined
    ? { status: fault.status, raw: { text: PAGE, type: HTML, broken: false } }
    : { status: fault.status, body: fault.body };
}
