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

-- A person has seen an alert. The first one stays; the alert itself stays open until its cause is gone.
CREATE OR REPLACE FUNCTION alert_acknowledge(p_id uuid, p_by text, p_correlation text) RETURNS text LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE v alerts%ROWTYPE;
BEGIN
  UPDATE alerts SET acknowledged_at = clock_timestamp(), acknowledged_by = p_by WHERE id = p_id AND acknowledged_at IS NULL RETURNING * INTO v;
  IF NOT FOUND THEN RETURN CASE WHEN EXISTS (SELECT 1 FROM alerts WHERE id = p_id) THEN 'ALREADY' ELSE 'NOT_FOUND' END; END IF;
  INSERT INTO outbox (id, topic, subject, data) VALUES (gen_random_uuid(), 'alert.acknowledged', v.subject, jsonb_build_object('alert_id', p_id, 'kind', v.kind));
  PERFORM audit_append(p_by, 'alert.acknowledge', 'alert:' || p_id, NULL, jsonb_build_object('kind', v.kind, 'subject', v.subject, 'message', v.message), p_correlation);
  RETURN 'ACKNOWLEDGED';
END $$;
REVOKE ALL ON FUNCTION alert_acknowledge(uuid, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION alert_acknowledge(uuid, text, text) TO countersign_web;

-- A halt is in the history of alerts from its first moment until trading is released or only reduces.
CREATE OR REPLACE FUNCTION alert_of_halt() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF NEW.state = 'HALTED' THEN
    PERFORM alert_open(gen_random_uuid(), 'HALT', 'trading', 'Halted by ' || NEW.changed_by || CASE WHEN coalesce(NEW.reason, '') = '' THEN '.' ELSE ': ' || NEW.reason END,
      jsonb_build_object('halt_id', NEW.halt_id));
  ELSE
    PERFORM alert_resolve('HALT', 'trading');
  END IF;
  RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION alert_of_halt() FROM PUBLIC;
DROP TRIGGER IF EXISTS trading_state_alert ON trading_state;
CREATE TRIGGER trading_state_alert AFTER UPDATE OF state ON trading_state FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION alert_of_halt();

-- The fields of one side of a break, in words.
CREATE OR REPLACE FUNCTION alert_figures(p_side jsonb) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT coalesce(left(string_agg(replace(key, '_', ' ') || ' ' || coalesce(value, 'none'), ', ' ORDER BY key), 200), 'nothing')
    FROM jsonb_each_text(CASE WHEN jsonb_typeof(p_side) = 'object' THEN p_side ELSE '{}' END);
$$;
REVOKE ALL ON FUNCTION alert_figures(jsonb) FROM PUBLIC;

-- One alert stands for all breaks of a symbol and cause, from the first until the last is resolved.
CREATE OR REPLACE FUNCTION alert_of_break() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE v_subject text := concat_ws(' ', nullif(NEW.symbol, ''), lower(replace(NEW.cause, '_', ' ')));
BEGIN
  IF TG_OP = 'UPDATE' AND (NEW.resolved_at, NEW.ours, NEW.theirs) IS NOT DISTINCT FROM (OLD.resolved_at, OLD.ours, OLD.theirs) THEN RETURN NULL; END IF;
  IF NEW.resolved_at IS NULL THEN
    PERFORM alert_open(gen_random_uuid(), 'BREAK', v_subject,
      'Our books: ' || alert_figures(NEW.ours) || '; the broker: ' || alert_figures(NEW.theirs) || '.', jsonb_build_object('break_id', NEW.id));
  ELSIF NOT EXISTS (SELECT 1 FROM breaks WHERE symbol = NEW.symbol AND cause = NEW.cause AND resolved_at IS NULL) THEN
    PERFORM alert_resolve('BREAK', v_subject);
  END IF;
  RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION alert_of_break() FROM PUBLIC;
DROP TRIGGER IF EXISTS breaks_alert ON breaks;
CREATE TRIGGER breaks_alert AFTER INSERT OR UPDATE OF resolved_at, ours, theirs ON breaks FOR EACH ROW EXECUTE FUNCTION alert_of_break();
