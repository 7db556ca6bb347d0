/** What `--help` prints. */
export const HELP = `countersign simulator: a paper broker and its market, speaking Alpaca's Trading and Market Data APIs.

usage: node dist/simulator.mjs [--help]

Everything is set by environment variables:
  BROKER_KEY_ID, BROKER_SECRET_KEY   the keys that clients must send (required)
  SIMULATOR_PORT                     port (4010); HOST is the address (127.0.0.1)
  DATA_DIR                           the journal lives in DATA_DIR/simulator (.data)
  SIMULATOR_CASH                     cash of a new account (100000)
  SIMULATOR_FEE_PER_SHARE, SIMULATOR_FEE_MIN   fee of a fill: the greater of the two (0, 0)
  SIMULATOR_SEED                     seed of the synthetic market (1)
  SIMULATOR_HOURS                    always, or exchange: the synthetic market keeps the exchange's hours (always)
  SIMULATOR_QUOTE_MS                 market ms between quotes (1000; recorded bars 10000)
  SIMULATOR_RATE_LIMIT               requests a minute before 429 (0: no limit)
  SIMULATOR_NEWS                     file of news, a JSON list of {symbols, headline, created_at} (invented headlines)
  SIMULATOR_VARIANTS                 name=value,… where the broker's behaviour is uncertain; docs/simulator.md lists them
  SIMULATOR_FAULTS                   1 turns on the fault switches of /sim/v1/faults and /sim/v1/control

Recorded bars instead of the synthetic market:
  SIMULATOR_BARS                     file of one-minute bars
  SIMULATOR_BARS_FORMAT              ninjatrader (default) or csv
  SIMULATOR_BARS_SYMBOL              its symbol (SPY)
  SIMULATOR_SPREAD                   ask minus bid, in dollars (0.02)

A market with hours, recorded or SIMULATOR_HOURS=exchange:
  SIMULATOR_SPEED                    1 to 60 times as fast as the clock (1)
  SIMULATOR_START                    market time to begin at, ISO 8601 (the recording's first open; now)
`;
