-- People: what the web process may change about them.

/* A person's own new password. Every session of theirs ends. The edge has checked the present one. Returns false for an unknown or
   disabled person. */
CREATE OR REPLACE FUNCTION user_change_password(p_id uuid, p_hash text, p_actor text, p_correlation text) RETURNS boolean LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF p_hash NOT LIKE '$argon2id$%' THEN RAISE EXCEPTION 'not the hash of a password'; END IF;
  UPDATE users SET password_hash = p_hash, session_version = session_version + 1 WHERE id = p_id AND disabled_at IS NULL;
  IF NOT FOUND THEN RETURN false; END IF;
  PERFORM audit_append(p_actor, 'user.password', 'user:' || p_id, NULL, NULL, p_correlation);
  RETURN true;
END $$;
REVOKE ALL ON FUNCTION user_change_password(uuid, text, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION user_change_password(uuid, text, text, text) TO countersign_web;

/* Stops a bot for good: its token is revoked, so that nothing more of it is registered. Returns STOPPED, ALREADY or NOT_FOUND. */
CREATE OR REPLACE FUNCTION bot_stop(p_id uuid, p_actor text, p_reason text, p_correlation text) RETURNS text LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  UPDATE api_tokens SET revoked_at = clock_timestamp() WHERE id = p_id AND revoked_at IS NULL;
  IF NOT FOUND THEN RETURN CASE WHEN EXISTS (SELECT 1 FROM api_tokens WHERE id = p_id) THEN 'ALREADY' ELSE 'NOT_FOUND' END; END IF;
  PERFORM audit_append(p_actor, 'bot.stop', 'token:' || p_id, NULL, jsonb_build_object('reason', p_reason), p_correlation);
  RETURN 'STOPPED';
END $$;
REVOKE ALL ON FUNCTION bot_stop(uuid, text, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION bot_stop(uuid, text, text, text) TO countersign_web, countersign_worker;
