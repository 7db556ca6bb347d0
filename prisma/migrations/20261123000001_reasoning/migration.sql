-- News as it came, before anything is done to it. Untrusted text.
CREATE TABLE news (
  source       text NOT NULL,
  id           text NOT NULL,
  symbols      text[] NOT NULL,
  headline     text NOT NULL,
  published_at timestamptz(3) NOT NULL,
  received_at  timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (source, id)
);
CREATE INDEX news_symbols ON news USING gin (symbols);
CREATE INDEX news_published ON news (published_at);

-- The evidence of one memo: what was asked, what came back, what it cost. Written once with the outcome.
CREATE TABLE memos (
  signal_id      uuid PRIMARY KEY REFERENCES signals (id),
  status         text NOT NULL CHECK (status IN ('OK', 'FAILED', 'DISABLED')),
  recommendation text CHECK (recommendation IN ('ALLOW', 'ALLOW_WITH_CAUTION', 'AVOID')),
  -- ReasoningMemo of server/contracts/memo.ts; there exactly when the status is OK.
  memo           jsonb,
  -- Why FAILED or DISABLED, for people.
  fault          text,
  provider       text NOT NULL,
  model          text NOT NULL,
  parameters     jsonb NOT NULL DEFAULT '{}',
  prompt_version text,
  -- {system, user}; null where nothing was asked.
  prompt         jsonb,
  -- What was left out of the prompt and why.
  trimmed        jsonb NOT NULL DEFAULT '{}',
  -- Attempt[] of server/application/reasoning: raw answers, faults, tokens, latency.
  attempts       jsonb NOT NULL DEFAULT '[]',
  -- NewsItem[] as supplied.
  news           jsonb NOT NULL DEFAULT '[]',
  input_hash     text,
  -- The signal whose memo was used again, for the same input.
  cached_from    uuid,
  input_tokens   int NOT NULL DEFAULT 0,
  output_tokens  int NOT NULL DEFAULT 0,
  -- In dollars; null where no price is known.
  cost           numeric(38, 12),
  latency_ms     int NOT NULL DEFAULT 0,
  slow           boolean NOT NULL DEFAULT false,
  -- The time up to which news counted, market time.
  decided_at     timestamptz(3) NOT NULL,
  created_at     timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
  CHECK ((status = 'OK') = (memo IS NOT NULL)),
  CHECK ((status = 'OK') = (recommendation IS NOT NULL))
);
CREATE INDEX memos_created ON memos (created_at);
CREATE INDEX memos_input ON memos (input_hash) WHERE status = 'OK';

-- Dollars for a million tokens, by model. Edited by an administrator.
CREATE TABLE model_prices (
  model              text PRIMARY KEY,
  input_per_million  numeric(38, 12) NOT NULL CHECK (input_per_million >= 0),
  output_per_million numeric(38, 12) NOT NULL CHECK (output_per_million >= 0),
  updated_at         timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
  updated_by         text NOT NULL
);

-- One row: what reasoning may use up. 0 is nothing, null no limit.
CREATE TABLE reasoning_limits (
  id                int PRIMARY KEY DEFAULT 1 CHECK (id = 1),
  tokens_per_day    bigint CHECK (tokens_per_day >= 0),
  dollars_per_day   numeric(38, 12) CHECK (dollars_per_day >= 0),
  tokens_per_signal int CHECK (tokens_per_signal >= 0),
  dollars_per_signal numeric(38, 12) CHECK (dollars_per_signal >= 0),
  updated_at        timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
  updated_by        text NOT NULL
);

-- What policy says without the memo: {decision, codes}. Null where no memo was part of the judgement.
ALTER TABLE policy_evaluations ADD COLUMN blind jsonb;
