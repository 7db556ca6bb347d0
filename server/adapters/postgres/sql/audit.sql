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

/* Settings, policies, trading state, people and tokens: a change that no audited act of the same transaction explains is appended when
   the transaction ends (D-6), in the name of the database's login. A halt is audited by the process that halts, or by the worker.
   The first rows of an empty database are no change. */
CREATE OR REPLACE FUNCTION audit_change() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  v_before jsonb := CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END;
  v_after jsonb := CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END;
  v_row jsonb := coalesce(v_after, v_before); v_target text; v_secret boolean;
BEGIN
  -- A count of versions or a time alone.
  IF v_before - ARRAY['last_used_at', 'updated_at', 'version'] = v_after - ARRAY['last_used_at', 'updated_at', 'version'] THEN RETURN NULL; END IF;
  IF TG_OP = 'INSERT' AND (TG_TABLE_NAME = 'settings' OR TG_TABLE_NAME = 'policy_versions' AND (SELECT count(*) FROM policy_versions) = 1) THEN
    RETURN NULL;
  END IF;
  IF TG_TABLE_NAME = 'trading_state' AND v_after->>'state' = 'HALTED' AND EXISTS (SELECT 1 FROM halts WHERE id = (v_after->>'halt_id')::uuid) THEN
    RETURN NULL;
  END IF;
  v_target := CASE TG_TABLE_NAME WHEN 'settings' THEN 'settings' WHEN 'trading_state' THEN 'trading-state'
    WHEN 'policy_versions' THEN 'policy:' || (v_row->>'version') WHEN 'users' THEN 'user:' || (v_row->>'id') ELSE 'token:' || (v_row->>'id') END;
  IF EXISTS (SELECT 1 FROM (SELECT target, xmin FROM audit_log ORDER BY id DESC LIMIT 50) l
             WHERE l.xmin::text::bigint = pg_current_xact_id()::text::bigint & 4294967295
               AND (l.target = v_target OR v_target = 'settings' AND l.target LIKE 'policy:%')) THEN
    RETURN NULL;
  END IF;
  v_secret := v_before->>'password_hash' IS DISTINCT FROM v_after->>'password_hash';
  v_before := v_before - ARRAY['password_hash', 'token_hash'];
  v_after := v_after - ARRAY['password_hash', 'token_hash'] || CASE WHEN v_secret THEN '{"password_changed": true}'::jsonb ELSE '{}' END;
  PERFORM audit_append('sql:' || session_user, 'sql.' || lower(TG_OP) || '.' || TG_TABLE_NAME, v_target, v_before, v_after, NULL);
  RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION audit_change() FROM PUBLIC;
DROP TRIGGER IF EXISTS settings_audited ON settings;
CREATE CONSTRAINT TRIGGER settings_audited AFTER INSERT OR UPDATE OR DELETE ON settings DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION audit_change();
DROP TRIGGER IF EXISTS policy_versions_audited ON policy_versions;
CREATE CONSTRAINT TRIGGER policy_versions_audited AFTER INSERT OR UPDATE OR DELETE ON policy_versions DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION audit_change();
DROP TRIGGER IF EXISTS trading_state_audited ON trading_state;
CREATE CONSTRAINT TRIGGER trading_state_audited AFTER INSERT OR UPDATE OR DELETE ON trading_state DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION audit_change();
DROP TRIGGER IF EXISTS users_audited ON users;
CREATE CONSTRAINT TRIGGER users_audited AFTER INSERT OR UPDATE OR DELETE ON users DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION audit_change();
DROP TRIGGER IF EXISTS api_tokens_audited ON api_tokens;
CREATE CONSTRAINT TRIGGER api_tokens_audited AFTER INSERT OR UPDATE OR DELETE ON api_tokens DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION audit_change();
