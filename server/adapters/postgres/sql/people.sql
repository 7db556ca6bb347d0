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
