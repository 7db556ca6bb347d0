-- Policy versions and the settings that name the active one.

-- The first policy version and the settings, where there are none. Does nothing to a database that has them.
CREATE OR REPLACE FUNCTION defaults_ensure(p_version int, p_body jsonb) RETURNS void LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM policy_versions) THEN
    INSERT INTO policy_versions (version, body, created_by, comment) VALUES (p_version, p_body, 'system', 'the specification''s thresholds')
      ON CONFLICT (version) DO NOTHING;
  END IF;
  INSERT INTO settings (id, active_policy_version) VALUES (1, p_version) ON CONFLICT (id) DO NOTHING;
END $$;
REVOKE ALL ON FUNCTION defaults_ensure(int, jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION defaults_ensure(int, jsonb) TO countersign_web, countersign_worker;

-- Publishes a policy as the next version and makes it the active one, audited. Returns its number; null when `p_active` is not active any more.
CREATE OR REPLACE FUNCTION policy_publish(p_actor text, p_active int, p_body jsonb, p_comment text) RETURNS int LANGUAGE plpgsql VOLATILE AS $$
DECLARE v_version int; v_before jsonb;
BEGIN
  PERFORM 1 FROM settings WHERE id = 1 AND active_policy_version = p_active FOR UPDATE;
  IF NOT FOUND THEN RETURN NULL; END IF;
  SELECT body INTO v_before FROM policy_versions WHERE version = p_active;
  INSERT INTO policy_versions (version, body, created_by, comment)
  SELECT max(version) + 1, p_body, p_actor, p_comment FROM policy_versions RETURNING version INTO v_version;
  UPDATE settings SET active_policy_version = v_version, version = version + 1, updated_at = clock_timestamp() WHERE id = 1;
  PERFORM audit_append(p_actor, 'policy.publish', 'policy:' || v_version, jsonb_build_object('version', p_active, 'body', v_before),
                       jsonb_build_object('version', v_version, 'body', p_body, 'reason', p_comment), NULL);
  RETURN v_version;
END $$;
REVOKE ALL ON FUNCTION policy_publish(text, int, jsonb, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION policy_publish(text, int, jsonb, text) TO countersign_worker;

-- Changes the rollout stage, audited. Returns false when it is not `p_from` any more.
CREATE OR REPLACE FUNCTION stage_change(p_actor text, p_from text, p_to text, p_reason text) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  UPDATE settings SET stage = p_to, version = version + 1, updated_at = clock_timestamp() WHERE id = 1 AND stage = p_from;
  IF NOT FOUND THEN RETURN false; END IF;
  PERFORM audit_append(p_actor, 'stage.change', 'settings', jsonb_build_object('stage', p_from), jsonb_build_object('stage', p_to, 'reason', p_reason), NULL);
  RETURN true;
END $$;
REVOKE ALL ON FUNCTION stage_change(text, text, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION stage_change(text, text, text, text) TO countersign_worker;

-- Says whether several people work here or one alone, audited. Returns the mode before.
CREATE OR REPLACE FUNCTION mode_change(p_actor text, p_mode text, p_reason text) RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE v_before text;
BEGIN
  SELECT mode INTO v_before FROM settings WHERE id = 1 FOR UPDATE;
  IF v_before = p_mode THEN RETURN v_before; END IF;
  UPDATE settings SET mode = p_mode, version = version + 1, updated_at = clock_timestamp() WHERE id = 1;
  PERFORM audit_append(p_actor, 'mode.change', 'settings', jsonb_build_object('mode', v_before), jsonb_build_object('mode', p_mode, 'reason', p_reason), NULL);
  RETURN v_before;
END $$;
REVOKE ALL ON FUNCTION mode_change(text, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION mode_change(text, text, text) TO countersign_worker;
