-- Alerts: at most one is open per kind and subject.

-- Opens an alert, or updates the one that is open. Returns true when it is new.
CREATE OR REPLACE FUNCTION alert_open(p_id uuid, p_kind text, p_subject text, p_message text, p_data jsonb) RETURNS boolean LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  UPDATE alerts SET message = p_message, data = p_data WHERE kind = p_kind AND subject = p_subject AND resolved_at IS NULL;
  IF FOUND THEN RETURN false; END IF;
  INSERT INTO alerts (id, kind, subject, message, data, opened_at) VALUES (p_id, p_kind, p_subject, p_message, p_data, clock_timestamp())
    ON CONFLICT DO NOTHING;
  IF NOT FOUND THEN RETURN false; END IF;
  INSERT INTO outbox (id, topic, subject, data) VALUES (gen_random_uuid(), 'alert.opened', p_subject, jsonb_build_object('alert_id', p_id, 'kind', p_kind, 'message', p_message));
  RETURN true;
END $$;
REVOKE ALL ON FUNCTION alert_open(uuid, text, text, text, jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION alert_open(uuid, text, text, text, jsonb) TO countersign_worker;

-- Resolves the open alert of a kind and subject. Returns false when there is none.
CREATE OR REPLACE FUNCTION alert_resolve(p_kind text, p_subject text) RETURNS boolean LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE v_id uuid;
BEGIN
  UPDATE alerts SET resolved_at = clock_timestamp() WHERE kind = p_kind AND subject = p_subject AND resolved_at IS NULL RETURNING id INTO v_id;
  IF NOT FOUND THEN RETURN false; END IF;
  INSERT INTO outbox (id, topic, subject, data) VALUES (gen_random_uuid(), 'alert.resolved', p_subject, jsonb_build_object('alert_id', v_id, 'kind', p_kind));
  RETURN true;
END $$;
REVOKE ALL ON FUNCTION alert_resolve(text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION alert_resolve(text, text) TO countersign_web, countersign_worker;
