/** Where virtual time begins: a Monday, 10:00 in New York, the market open. */
export const START_MS = Date.parse('2026-11-16T15:00:00.000Z');

/** A worker's lease, as in the worker itself. */
export const LEASE_MS = 6_000;

/**
 * The database's clock stands still until it is moved: `clock_timestamp()` of a schema that comes before the system's.
 * A sequence holds what has passed, because every session sees it at once, whatever its snapshot.
 * `advance` is what the other roles of a worker do all the time: leases of `alive` are renewed, quotes and the market's
 * clock are read, and, while somebody is alive, rounds of reconciliation find nothing new.
 */
export const VIRTUAL_TIME = `
  CREATE SCHEMA model_time;
  CREATE SEQUENCE model_time.passed_ms MINVALUE 0 START 0;
  CREATE FUNCTION model_time.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE AS $$
    SELECT timestamptz '${new Date(START_MS).toISOString()}' + (SELECT last_value FROM model_time.passed_ms) * interval '1 millisecond'
  $$;

  -- Functions with the rights of their owner name their search path.
  DO $$ DECLARE f regprocedure; BEGIN
    FOR f IN SELECT oid::regprocedure FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prosecdef LOOP
      EXECUTE format('ALTER FUNCTION %s SET search_path = model_time, pg_catalog, public', f);
    END LOOP;
  END $$;

  CREATE FUNCTION model_time.advance(p_ms bigint, p_alive bigint[]) RETURNS void LANGUAGE plpgsql AS $$
  DECLARE v_now timestamptz := model_time.clock_timestamp();
  BEGIN
    PERFORM pg_catalog.setval('model_time.passed_ms', (SELECT last_value FROM model_time.passed_ms) + p_ms);
    UPDATE leases SET expires_at = v_now + (p_ms + ${LEASE_MS}) * interval '1 millisecond' WHERE token = ANY (p_alive) AND expires_at > v_now;
    v_now := model_time.clock_timestamp();
    UPDATE market_clock SET market_time = v_now, observed_at = v_now;
    UPDATE quotes SET quoted_at = v_now, received_at = v_now;
    UPDATE features SET at = v_now;
    IF p_alive <> '{}' THEN UPDATE accounts SET portfolio_at = v_now, reconciled_at = v_now WHERE reconciled_at IS NOT NULL AND failed_rounds = 0; END IF;
  END $$;

  CREATE FUNCTION model_time.begin_again(p_symbols text[]) RETURNS void LANGUAGE plpgsql AS $$
  DECLARE v_table text; v_now timestamptz;
  BEGIN
    PERFORM set_config('session_replication_role', 'replica', true);
    FOR v_table IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename NOT IN ('_prisma_migrations', 'policy_versions', 'settings') LOOP
      EXECUTE format('DELETE FROM %I', v_table);
    END LOOP;
    PERFORM pg_catalog.setval('model_time.passed_ms', 0, true);
    v_now := model_time.clock_timestamp();
    INSERT INTO trading_state (id, reason) VALUES (1, 'a new run');
    INSERT INTO accounts (id) VALUES (1);
    INSERT INTO market_clock (id, is_open, market_time, observed_at, next_close, source)
      VALUES (1, true, v_now, v_now, v_now + interval '6 hours', 'MODEL');
    INSERT INTO quotes (symbol, bid, ask, bid_size, ask_size, quoted_at, received_at)
      SELECT s, 99.99, 100.01, 1000, 1000, v_now, v_now FROM unnest(p_symbols) s;
    -- Liquid, and each moving on its own: what the gate needs of a symbol's features.
    INSERT INTO features (symbol, at, snapshot, dollars_per_minute, closes)
      SELECT s, v_now, '{}', 1e6, (SELECT jsonb_agg(jsonb_build_array(n * 60000, 100 + (hashtext(s || n) % 1000) / 10000.0) ORDER BY n) FROM generate_series(1, 240) n)
      FROM unnest(p_symbols) s;
  END $$;
`;
