-- Reconciliation breaks.

-- A person closes a break with a reason. Returns false when it is not open.
CREATE OR REPLACE FUNCTION break_resolve(p_id uuid, p_actor text, p_reason text, p_correlation text, p_event uuid) RETURNS boolean LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE b breaks%ROWTYPE;
BEGIN
  UPDATE breaks SET resolved_at = clock_timestamp(), resolved_by = p_actor, reason = p_reason WHERE id = p_id AND resolved_at IS NULL RETURNING * INTO b;
  IF NOT FOUND THEN RETURN false; END IF;
  INSERT INTO outbox (id, topic, subject, data) VALUES (p_event, 'break.resolved', b.symbol, jsonb_build_object('break_id', p_id, 'symbol', b.symbol, 'cause', b.cause, 'by', p_actor, 'reason', p_reason));
  PERFORM audit_append(p_actor, 'break.resolve', 'break:' || p_id, jsonb_build_object('cause', b.cause, 'ours', b.ours, 'theirs', b.theirs), jsonb_build_object('reason', p_reason), p_correlation);
  RETURN true;
END $$;
REVOKE ALL ON FUNCTION break_resolve(uuid, text, text, text, uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION break_resolve(uuid, text, text, text, uuid) TO countersign_web, countersign_worker;
