-- CreateIndex
CREATE INDEX "favorites_created_at_id_user_id_idx" ON "favorites"("created_at", "id", "user_id");

-- CreateIndex
CREATE INDEX "listenings_created_at_id_user_id_idx" ON "listenings"("created_at", "id", "user_id");

-- DropIndex
DROP INDEX "favorites_created_at_idx";

-- DropIndex
DROP INDEX "listenings_created_at_idx";
