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
