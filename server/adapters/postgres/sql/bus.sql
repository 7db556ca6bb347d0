-- The event bus.

-- Partition (0 to 7) of an event. Events of one symbol stay in order, so they share a partition; one process handles a
-- partition at a time.
CREATE OR REPLACE FUNCTION bus_part(p_data jsonb, p_subject text) RETURNS int LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT (hashtextextended(coalesce(p_data->>'symbol', p_subject), 0) & 7)::int
$$;
REVOKE ALL ON FUNCTION bus_part(jsonb, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION bus_part(jsonb, text) TO countersign_web, countersign_worker;
