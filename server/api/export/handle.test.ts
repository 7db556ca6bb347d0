import { describe, expect, it } from 'vitest';
import type { ConsoleReads } from '@/server/application/ports/console-reads';
import { handleExport } from './handle';

const SESSION = {
  id: 's',
  userId: 'u',
  email: 'ann@example.test',
  name: 'Ann',
  role: 'VIEWER' as const,
  expiresAtMs: 0,
};

const decision = (id: number) => ({
  id: `id-${id}`,
  signalId: 's',
  kind: 'GATE',
  decision: 'REJECT' as const,
  symbol: 'SPY',
  action: 'BUY' as const,
  strategy: '=cmd()',
  approvedSizePct: '0',
  policyVersion: 1,
  reasons: [{ code: 'KILL_SWITCH', tier: 'REJECT', observed: '', threshold: '', message: '' }],
  createdAt: '2026-01-05T15:00:00.000Z',
});

function setUp(pages: number, signedIn = true) {
  const asked: (string | null)[] = [];
  const decisions: ConsoleReads['decisions'] = async ({ cursor }) => {
    asked.push(cursor);
    const page = Number(cursor ?? 0);
    return { rows: [decision(page)], nextCursor: page + 1 < pages ? String(page + 1) : null };
  };
  const reads = { decisions } as unknown as ConsoleReads;
  const sessions = { read: async () => (signedIn ? SESSION : null) };
  const get = (address: string, list = 'decisions') =>
    handleExport(new Request(`http://x/api/export/${address}`), list, { reads, sessions });
  return { asked, get };
}

describe('handleExport', () => {
  it('sends every page of the list, safe to open in a spreadsheet', async () => {
    const { asked, get } = setUp(3);
    const response = await get('decisions?decision=REJECT');
    expect(response.headers.get('content-disposition')).toBe('attachment; filename="decisions.csv"');
    const lines = (await response.text()).split('\r\n');
    expect(lines).toHaveLength(5);
    expect(lines[1]).toBe("id-0,2026-01-05T15:00:00.000Z,REJECT,GATE,s,SPY,BUY,'=cmd(),0,1,KILL_SWITCH");
    expect(asked).toEqual([null, '1', '2']);
  });

  it('reads no further than the client has taken', async () => {
    const { asked, get } = setUp(1_000);
    const reader = (await get('decisions')).body?.getReader();
    await reader?.read();
    await reader?.read();
    expect(asked.length).toBeLessThanOrEqual(3);
    await reader?.cancel();
  });

  it('is for signed-in people, and for lists and filters that exist', async () => {
    expect((await setUp(1, false).get('decisions')).status).toBe(401);
    expect((await setUp(1).get('users', 'users')).status).toBe(404);
    expect((await setUp(1).get('constructor', 'constructor')).status).toBe(404);
    expect((await setUp(1).get('decisions?decision=MAYBE')).status).toBe(400);
    expect((await setUp(1).get('orders?symbol=%00', 'orders')).status).toBe(400);
  });
});
