-- What reasoning has used of a day's budget: spent, or reserved for calls under way. A call that nobody settled (its process
-- died) stays counted in full.
CREATE TABLE reasoning_days (
  -- UTC, by this database's clock.
  day     date PRIMARY KEY,
  tokens  bigint NOT NULL DEFAULT 0 CHECK (tokens >= 0),
  -- Of models whose price is known.
  dollars numeric(38, 12) NOT NULL DEFAULT 0 CHECK (dollars >= 0),
  memos   int NOT NULL DEFAULT 0
);

-- Limits that hold until somebody sets others: a model that was connected and forgotten costs little.
INSERT INTO reasoning_limits (id, tokens_per_day, dollars_per_day, tokens_per_signal, dollars_per_signal, updated_by)
VALUES (1, 2000000, 5, 11400, 0.10, 'system') ON CONFLICT (id) DO NOTHING;

-- List prices as of 2025, to begin with: prices change, and an administrator keeps them right.
INSERT INTO model_prices (model, input_per_million, output_per_million, updated_by) VALUES
  ('gpt-4o', 2.5, 10, 'system'),
  ('gpt-4o-mini', 0.15, 0.6, 'system'),
  ('gpt-4.1', 2, 8, 'system'),
  ('gpt-4.1-mini', 0.4, 1.6, 'system'),
  ('gpt-4.1-nano', 0.1, 0.4, 'system'),
  ('claude-haiku-4-5', 1, 5, 'system'),
  ('claude-sonnet-4-5', 3, 15, 'system')
ON CONFLICT (model) DO NOTHING;
