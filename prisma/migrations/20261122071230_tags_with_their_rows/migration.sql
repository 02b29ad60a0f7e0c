-- DropIndex
DROP INDEX "album_tags_tag_id_idx";

-- DropIndex
DROP INDEX "artist_tags_tag_id_idx";

-- DropIndex
DROP INDEX "track_tags_tag_id_idx";

-- CreateIndex
CREATE INDEX "album_tags_tag_id_album_id_idx" ON "album_tags"("tag_id", "album_id");

-- CreateIndex
CREATE INDEX "artist_tags_tag_id_artist_id_idx" ON "artist_tags"("tag_id", "artist_id");

-- CreateIndex
CREATE INDEX "track_tags_tag_id_track_id_idx" ON "track_tags"("tag_id", "track_id");
