-- Whether several people work here or one alone, and which approvals were the requester's own.
ALTER TABLE settings ADD COLUMN mode TEXT NOT NULL DEFAULT 'TEAM';
ALTER TABLE settings ADD CONSTRAINT settings_mode CHECK (mode IN ('TEAM', 'SOLO'));
ALTER TABLE approvals ADD COLUMN self_approved BOOLEAN NOT NULL DEFAULT false;
