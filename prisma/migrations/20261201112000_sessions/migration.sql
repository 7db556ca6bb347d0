-- Sessions live on the server: a cookie alone is not one. Cookies of before name no session and end with this version.
CREATE TABLE "sessions" (
    "id" UUID NOT NULL PRIMARY KEY,
    "user_id" UUID NOT NULL REFERENCES "users"("id"),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "seen_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "ended_at" TIMESTAMPTZ(3),
    "ended_by" TEXT,
    "address" TEXT NOT NULL,
    "agent" TEXT NOT NULL
);
CREATE INDEX "sessions_user_id_idx" ON "sessions"("user_id");
