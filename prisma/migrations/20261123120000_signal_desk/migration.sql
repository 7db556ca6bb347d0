-- Market time of the candidate: the end of its bar, or when it was asked for. Only news from before counts.
ALTER TABLE signals ADD COLUMN market_at timestamptz(3);
-- Of the body that a client sent: the same one again gets the same answer, another one under the same id is a conflict.
ALTER TABLE signals ADD COLUMN request_hash text;

-- The order in which candidates were stored, whatever the clocks say: those of one symbol go to the gate in it.
ALTER TABLE signal_tasks ADD COLUMN seq bigint GENERATED ALWAYS AS IDENTITY;
-- Code of the rule or fault behind the outcome; null where there is none.
ALTER TABLE signal_tasks ADD COLUMN detail text;
CREATE INDEX signal_tasks_by_symbol ON signal_tasks (symbol, seq) WHERE state = 'QUEUED';
