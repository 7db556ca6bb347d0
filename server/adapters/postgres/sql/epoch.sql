-- Time as the application sees it.

-- Milliseconds since the epoch.
CREATE OR REPLACE FUNCTION epoch_ms(t timestamptz) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT (extract(epoch FROM t) * 1000)::bigint $$;
REVOKE ALL ON FUNCTION epoch_ms(timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION epoch_ms(timestamptz) TO countersign_web, countersign_worker;
