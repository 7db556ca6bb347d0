-- The audit log: a hash chain to which every privileged act is appended.

-- SHA-256 (hex) of the previous hash and the content of this row.
CREATE OR REPLACE FUNCTION audit_hash(p_prev text, p_id bigint, p_at timestamptz, p_actor text, p_action text, p_target text,
                           p_before jsonb, p_after jsonb, p_correlation text)
RETURNS text LANGUAGE sql STABLE AS $$
  SELECT encode(sha256(convert_to(jsonb_build_array(p_prev, p_id, epoch_ms(p_at), p_actor, p_action, p_target,
                                                    p_before, p_after, p_correlation)::text, 'UTF8')), 'hex')
$$;
REVOKE ALL ON FUNCTION audit_hash(text, bigint, timestamptz, text, text, text, jsonb, jsonb, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION audit_hash(text, bigint, timestamptz, text, text, text, jsonb, jsonb, text) TO countersign_web, countersign_worker;

/* Appends to the hash chain and returns the new row's id. Call it LAST in a transaction: it holds the chain's lock (7300002) until
   commit, and a halt must never wait behind a transaction that is still waiting for the send lock. */
CREATE OR REPLACE FUNCTION audit_append(p_actor text, p_action text, p_target text, p_before jsonb, p_after jsonb, p_correlation text)
RETURNS bigint LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  v_id bigint; v_prev text; v_at timestamptz(3);
BEGIN
  PERFORM pg_advisory_xact_lock(7300002);
  SELECT id, hash INTO v_id, v_prev FROM audit_log ORDER BY id DESC LIMIT 1;
  v_id := coalesce(v_id, 0) + 1;
  v_prev := coalesce(v_prev, repeat('0', 64));
  v_at := clock_timestamp();
  INSERT INTO audit_log (id, at, actor, action, target, before, after, correlation_id, prev_hash, hash)
  VALUES (v_id, v_at, p_actor, p_action, p_target, p_before, p_after, p_correlation, v_prev,
          audit_hash(v_prev, v_id, v_at, p_actor, p_action, p_target, p_before, p_after, p_correlation));
  RETURN v_id;
END $$;
REVOKE ALL ON FUNCTION audit_append(text, text, text, jsonb, jsonb, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION audit_append(text, text, text, jsonb, jsonb, text) TO countersign_web, countersign_worker;
