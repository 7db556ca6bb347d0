-- A person has seen an alert and takes care of it. It stays open until its cause is gone.
ALTER TABLE "alerts" ADD COLUMN "acknowledged_at" TIMESTAMPTZ(3), ADD COLUMN "acknowledged_by" TEXT;
