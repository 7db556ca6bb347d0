-- An order's result reads the movements of one symbol next to its own.
CREATE INDEX "ledger_postings_account_id_idx" ON "ledger_postings"("account", "id");
DROP INDEX "ledger_postings_account_idx";
