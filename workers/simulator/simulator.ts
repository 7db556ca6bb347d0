import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { formatMoney } from '@/server/kernel/money';
import { Broker } from './broker/broker';
import type { TradeUpdate } from './broker/order-flow';
import { BrokerState } from './broker/state';
import type { SimulatorConfig } from './config';
import { Engine, SimulatedMarket } from './engine';
import { Faults } from './faults';
import { lockFolder } from './folder-lock';
import { Assets } from './http/assets';
import type { RouteContext } from './http/context';
import { RateLimit } from './http/rate-limit';
import { HttpFront, listen } from './http/server';
import { Journal } from './journal/journal';
import { JournalError } from './journal/line';
import { readJournal } from './journal/read-journal';
import { type HeadRecord, parseRecord } from './journal/records';
import { RequestLog } from './journal/request-log';
import { readBarsFile } from './market/bars-file';
import { ExchangeSessions } from './market/exchange-sessions';
import { MarketClock } from './market/market-clock';
import { inventedNews, newsOfFile } from './market/news';
import { RecordedMarket } from './market/recorded';
import { RoundTheClockSessions } from './market/round-the-clock';
import { SyntheticMarket } from './market/synthetic';
import type { PriceSource } from './market/types';
import { MarketStream } from './stream/market-stream';
import { attachSockets } from './stream/sockets';
import { TradingStream } from './stream/trading-stream';

export interface RunningSimulator {
  readonly url: string;
  /** Things worth telling at start, one line each. */
  readonly notes: readonly string[];
  /** Answers what is under way, writes the journal out and stops. */
  close(): Promise<void>;
}

/** Called once when the journal can no longer be written: the process must stop without answering. */
export type OnFatal = (error: Error) => void;

function priceSource(config: SimulatorConfig): PriceSource {
  const { recording } = config;
  if (recording === null) return new SyntheticMarket(config.seed, config.quoteMs, config.exchangeHours);
  const bars = readBarsFile(recording.file, recording.format);
  const [first, last] = [bars[0], bars[bars.length - 1]];
  const sourceId = `${basename(recording.file)}|${recording.symbol}|${bars.length}|${first?.endMs}|${last?.endMs}`;
  return new RecordedMarket(bars, {
    symbol: recording.symbol,
    spread: recording.spread,
    stepMs: config.quoteMs,
    sourceId,
  });
}

/** Market time to begin at: where it is set, a recording's first session, or null: the wall clock's. */
function marketStart(config: SimulatorConfig, source: PriceSource): number | null {
  if (config.startMs !== null) return config.startMs;
  if (source.endMs === null) return config.speed === 1 ? null : Date.now();
  const date = source.date ?? '1990-01-01';
  const endDate = new Date(source.endMs).toISOString().slice(0, 10);
  const session = new ExchangeSessions(source.endMs).between(date, endDate)[0];
  return session?.openMs ?? source.nextPointMs(0);
}

interface Recovered {
  readonly state: BrokerState;
  readonly journal: Journal;
  readonly fresh: boolean;
  readonly tornBytes: number;
}

async function recover(
  path: string,
  config: SimulatorConfig,
  source: PriceSource,
  startMs: number,
  onFatal: OnFatal,
): Promise<Recovered> {
  let state: BrokerState | undefined;
  const reading = await readJournal(path, (line, number) => {
    const record = parseRecord(line, number);
    if (state !== undefined) state.apply(record);
    else if (record.type === 'head') state = new BrokerState(record);
    else throw new JournalError('the journal does not begin with its head');
  });
  if (state !== undefined && state.head.source_id !== source.sourceId) {
    throw new JournalError(
      `this account trades on ${state.head.source} (${state.head.source_id}), not on ${source.kind} (${source.sourceId}): set DATA_DIR to another folder`,
    );
  }
  const journal = await Journal.open(path, reading, onFatal);
  if (state !== undefined) return { state, journal, fresh: false, tornBytes: reading.tornBytes };
  const accountId = randomUUID();
  const head: HeadRecord = {
    type: 'head',
    version: 1,
    account_id: accountId,
    account_number: `SIM${accountId.slice(0, 8).toUpperCase()}`,
    source: source.kind,
    source_id: source.sourceId,
    cash: formatMoney(config.cash),
    at: startMs,
  };
  journal.append(head);
  return { state: new BrokerState(head), journal, fresh: true, tornBytes: reading.tornBytes };
}

function startNotes(recovered: Recovered, config: SimulatorConfig): string[] {
  const notes: string[] = [];
  if (recovered.tornBytes > 0) notes.push(`dropped a torn last line of ${recovered.tornBytes} bytes from the journal`);
  if (recovered.fresh) return notes;
  notes.push(`journal replayed: ${recovered.journal.lastNumber} records, ${recovered.state.book.size} orders`);
  if (recovered.state.head.cash !== formatMoney(config.cash)) {
    notes.push(`SIMULATOR_CASH is ignored: the account was opened with ${recovered.state.head.cash}`);
  }
  if (config.startMs !== null) notes.push('SIMULATOR_START is ignored: the market goes on from where it was');
  return notes;
}

/** Everything behind the port, from the journal up. */
async function assemble(config: SimulatorConfig, folder: string, onFatal: OnFatal) {
  const source = priceSource(config);
  const startMs = marketStart(config, source);
  const recovered = await recover(join(folder, 'journal.jsonl'), config, source, startMs ?? Date.now(), onFatal);
  const { state, journal } = recovered;
  const sessions = config.exchangeHours
    ? new ExchangeSessions(source.endMs ?? Number.POSITIVE_INFINITY)
    : new RoundTheClockSessions();
  const market = new SimulatedMarket(source, sessions);
  const resumeMs = recovered.fresh ? startMs : Math.max(state.clockAtMs ?? 0, state.latestAtMs);
  const clock = new MarketClock(Date.now, startMs === null ? null : resumeMs, config.speed);
  clock.notBefore(state.latestAtMs);
  const faults = new Faults(config.faults);
  const assets = new Assets(source.symbols, source.kind);
  const trading = new TradingStream(config, faults, { assets, ids: state.ids });
  const marketStream = new MarketStream(config, assets);
  const onUpdate = (update: TradeUpdate): void => {
    if (!trading.hasListeners) return;
    const text = trading.textOf(update);
    journal.whenDurable(() => trading.publish(text));
  };
  const broker = new Broker(state, journal, market, {
    fees: config.fees,
    variants: config.variants,
    losesStopLeg: () => faults.losesStopLeg(),
    onUpdate,
  });
  const engine = new Engine(broker, market, clock, marketStream);
  const context: RouteContext = {
    config,
    broker,
    engine,
    market,
    clock,
    journal,
    assets,
    news: config.newsFile === null ? inventedNews(config.seed, source.symbols) : newsOfFile(config.newsFile),
    faults,
    startedAtMs: Date.now(),
  };
  return { context, trading, marketStream, notes: startNotes(recovered, config) };
}

/**
 * Starts a simulator: takes the port and the folder, replays the journal, then answers.
 * @throws the listen error, FolderInUseError, JournalError, BarsFileError, NewsFileError
 */
export async function startSimulator(config: SimulatorConfig, onFatal: OnFatal): Promise<RunningSimulator> {
  const folder = join(config.dataDir, 'simulator');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  let open: (front: HttpFront) => void = () => undefined;
  const ready = new Promise<HttpFront>((resolve) => {
    open = resolve;
  });
  const server = await listen(config.host, config.port, ready);
  let unlock: (() => void) | undefined;
  try {
    unlock = await lockFolder(folder);
    const { context, trading, marketStream, notes } = await assemble(config, folder, onFatal);
    const log = new RequestLog(join(folder, 'requests.jsonl'));
    const closeSockets = attachSockets(server, trading, marketStream);
    await context.journal.durable();
    context.engine.start();
    open(new HttpFront(context, log, new RateLimit(config.rateLimit)));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : config.port;
    const release = unlock;
    return {
      url: `http://${config.host}:${port}`,
      notes,
      close: async () => {
        closeSockets();
        await new Promise<void>((resolve) => {
          server.close(() => resolve());
          server.closeIdleConnections();
          // A request that hangs on purpose does not hold up the end.
          setTimeout(() => server.closeAllConnections(), 500).unref();
        });
        context.engine.stop();
        await context.journal.close();
        log.close();
        release();
      },
    };
  } catch (error) {
    server.closeAllConnections();
    server.close();
    unlock?.();
    throw error;
  }
}
