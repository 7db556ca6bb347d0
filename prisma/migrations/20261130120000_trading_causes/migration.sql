-- Causes of the trading state, the day's baseline, and cash by our own ledger.

CREATE TABLE trading_causes (
  id                 BIGSERIAL PRIMARY KEY,
  cause              TEXT NOT NULL,
  state              TEXT NOT NULL,
  reason             TEXT NOT NULL,
  opened_by          TEXT NOT NULL,
  opened_at          TIMESTAMPTZ(3) NOT NULL,
  trading_day        TEXT,
  until_next_session BOOLEAN NOT NULL DEFAULT false,
  ended_at           TIMESTAMPTZ(3),
  ended_by           TEXT,
  rearmed_at         TIMESTAMPTZ(3)
);
ALTER TABLE trading_causes ADD CONSTRAINT trading_causes_cause
  CHECK (cause IN ('PERSON', 'DRAWDOWN', 'DAILY_LOSS', 'OVERFILL', 'BREAK_GLASS'));
ALTER TABLE trading_causes ADD CONSTRAINT trading_causes_state CHECK (state IN ('REDUCING', 'HALTED'));
CREATE INDEX trading_causes_cause_id_idx ON trading_causes (cause, id);
CREATE UNIQUE INDEX trading_causes_one_open ON trading_causes (cause) WHERE ended_at IS NULL;

-- Before causes existed only a person, an overfill or break-glass changed the state, and only a release ended it.
INSERT INTO trading_causes (cause, state, reason, opened_by, opened_at)
  SELECT 'PERSON', state, reason, changed_by, changed_at FROM trading_state WHERE state <> 'ACTIVE';

ALTER TABLE accounts
  ADD COLUMN close_equity DECIMAL(60, 24),
  ADD COLUMN close_at TIMESTAMPTZ(3),
  ADD COLUMN buying_power_cash DECIMAL(60, 24),
  ADD COLUMN ledger_cash DECIMAL(60, 24),
  ADD COLUMN ledger_cash_at TIMESTAMPTZ(3);

ALTER TABLE ledger_entries ADD COLUMN booked_at TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP;
CREATE INDEX ledger_entries_booked_at_idx ON ledger_entries (booked_at);
