-- How market data of each symbol comes in: written by whoever holds the ingest lease, read by the console. Counts begin at "since".
CREATE TABLE market_health (
  -- '*': what named no symbol that could be one.
  symbol        text PRIMARY KEY CHECK (symbol = '*' OR symbol ~ '^[A-Z][A-Z0-9.-]{0,11}$'),
  subscribed    boolean NOT NULL,
  -- Market time.
  last_quote_at timestamptz(3),
  last_trade_at timestamptz(3),
  -- Start of the newest bar.
  last_bar_at   timestamptz(3),
  quotes        bigint NOT NULL DEFAULT 0,
  trades        bigint NOT NULL DEFAULT 0,
  bars          bigint NOT NULL DEFAULT 0,
  -- Reason to count.
  refused       jsonb NOT NULL DEFAULT '{}',
  -- Minutes that did not come by themselves and had to be asked for.
  gaps          bigint NOT NULL DEFAULT 0,
  -- Minutes without a trade, closed by the clock.
  empty         bigint NOT NULL DEFAULT 0,
  -- Bars that came again with other figures.
  corrected     bigint NOT NULL DEFAULT 0,
  -- Minutes that the source still owes: later bars of the symbol wait for them.
  missing       bigint NOT NULL DEFAULT 0,
  -- Market time since which there is no quote, while the market is open and that is longer than 30 market seconds; else null.
  stale_since   timestamptz(3),
  since         timestamptz(3) NOT NULL,
  updated_at    timestamptz(3) NOT NULL DEFAULT clock_timestamp()
);

-- Where a bar is from: the market data source, or the clock, for a minute in which nothing traded.
ALTER TABLE bars ADD COLUMN source text NOT NULL DEFAULT 'SOURCE' CHECK (source IN ('SOURCE', 'CLOCK'));
