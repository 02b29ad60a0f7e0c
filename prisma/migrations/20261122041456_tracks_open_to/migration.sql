-- DropIndex
DROP INDEX "tracks_album_id_idx";

-- DropIndex
DROP INDEX "tracks_created_at_id_idx";

-- AlterTable
ALTER TABLE "tracks" ADD COLUMN     "open_to" SMALLINT NOT NULL DEFAULT 0;

-- CreateIndex
CREATE INDEX "tracks_artist_id_open_to_idx" ON "tracks"("artist_id", "open_to");

-- CreateIndex
CREATE INDEX "tracks_album_id_open_to_idx" ON "tracks"("album_id", "open_to");

-- CreateIndex
CREATE INDEX "tracks_title_key_id_idx" ON "tracks"("title_key", "id");

-- CreateIndex
CREATE INDEX "tracks_created_at_id_open_to_idx" ON "tracks"("created_at", "id", "open_to");

-- tracks.open_to follows the files of a track and the levels of their libraries, in the transaction that changes them.
CREATE FUNCTION openness(privacy_level text) RETURNS smallint LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE privacy_level WHEN 'everyone' THEN 2 WHEN 'instance' THEN 1 ELSE 0 END::smallint
$$;

CREATE FUNCTION measure_openness(measured integer) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  -- Who changes another file of the track meanwhile waits here, and then sees what was done.
  PERFORM FROM tracks WHERE id = measured FOR NO KEY UPDATE;
  UPDATE tracks SET open_to = found.open_to FROM (
    SELECT coalesce(max(openness(l.privacy_level)), 0) AS open_to FROM uploads u JOIN libraries l ON l.id = u.library_id
    WHERE u.track_id = measured AND u.import_status IN ('finished', 'skipped')
  ) found WHERE tracks.id = measured AND tracks.open_to <> found.open_to;
END
$$;

CREATE FUNCTION follow_upload() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP <> 'DELETE' THEN
    -- The library's level must not change before this is committed.
    PERFORM FROM libraries WHERE id = NEW.library_id FOR SHARE;
    PERFORM measure_openness(NEW.track_id);
  END IF;
  IF TG_OP <> 'INSERT' THEN
    PERFORM measure_openness(OLD.track_id) WHERE TG_OP = 'DELETE' OR OLD.track_id <> coalesce(NEW.track_id, 0);
  END IF;
  RETURN NULL;
END
$$;

CREATE TRIGGER follow_new_upload AFTER INSERT ON uploads FOR EACH ROW
  WHEN (NEW.track_id IS NOT NULL) EXECUTE FUNCTION follow_upload();

CREATE TRIGGER follow_changed_upload AFTER UPDATE OF track_id, library_id, import_status ON uploads FOR EACH ROW
  WHEN (NEW.track_id IS NOT NULL OR OLD.track_id IS NOT NULL) EXECUTE FUNCTION follow_upload();

CREATE TRIGGER follow_deleted_upload AFTER DELETE ON uploads FOR EACH ROW
  WHEN (OLD.track_id IS NOT NULL) EXECUTE FUNCTION follow_upload();

CREATE FUNCTION follow_library() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM FROM tracks WHERE id IN (SELECT track_id FROM uploads WHERE library_id = NEW.id)
    ORDER BY id FOR NO KEY UPDATE;
  UPDATE tracks SET open_to = found.open_to FROM (
    SELECT u.track_id, max(openness(l.privacy_level)) AS open_to FROM uploads u JOIN libraries l ON l.id = u.library_id
    WHERE u.track_id IN (SELECT track_id FROM uploads WHERE library_id = NEW.id)
      AND u.import_status IN ('finished', 'skipped')
    GROUP BY u.track_id
  ) found WHERE tracks.id = found.track_id AND tracks.open_to <> found.open_to;
  RETURN NULL;
END
$$;

CREATE TRIGGER follow_library AFTER UPDATE OF privacy_level ON libraries FOR EACH ROW
  WHEN (OLD.privacy_level <> NEW.privacy_level) EXECUTE FUNCTION follow_library();

UPDATE tracks SET open_to = found.open_to FROM (
  SELECT u.track_id, max(openness(l.privacy_level)) AS open_to FROM uploads u JOIN libraries l ON l.id = u.library_id
  WHERE u.import_status IN ('finished', 'skipped') GROUP BY u.track_id
) found WHERE tracks.id = found.track_id AND tracks.open_to <> found.open_to;
