-- DropIndex
DROP INDEX "albums_created_at_idx";

-- DropIndex
DROP INDEX "albums_release_date_idx";

-- DropIndex
DROP INDEX "albums_title_idx";

-- DropIndex
DROP INDEX "artists_created_at_idx";

-- DropIndex
DROP INDEX "artists_modified_at_idx";

-- DropIndex
DROP INDEX "artists_name_key_idx";

-- DropIndex
DROP INDEX "tracks_created_at_idx";

-- DropIndex
DROP INDEX "tracks_title_idx";

-- CreateIndex
CREATE INDEX "albums_title_id_idx" ON "albums"("title", "id");

-- CreateIndex
CREATE INDEX "albums_release_date_id_idx" ON "albums"("release_date", "id");

-- CreateIndex
CREATE INDEX "albums_created_at_id_idx" ON "albums"("created_at", "id");

-- CreateIndex
CREATE INDEX "artists_name_id_idx" ON "artists"("name", "id");

-- CreateIndex
CREATE INDEX "artists_name_key_id_idx" ON "artists"("name_key", "id");

-- CreateIndex
CREATE INDEX "artists_created_at_id_idx" ON "artists"("created_at", "id");

-- CreateIndex
CREATE INDEX "artists_modified_at_id_idx" ON "artists"("modified_at", "id");

-- CreateIndex
CREATE INDEX "tracks_title_id_idx" ON "tracks"("title", "id");

-- CreateIndex
CREATE INDEX "tracks_position_id_idx" ON "tracks"("position", "id");

-- CreateIndex
CREATE INDEX "tracks_disc_number_id_idx" ON "tracks"("disc_number", "id");

-- CreateIndex
CREATE INDEX "tracks_created_at_id_idx" ON "tracks"("created_at", "id");

-- Full-text search: English stems, and no word is too common to be looked for.
CREATE TEXT SEARCH DICTIONARY catalogue_stem (TEMPLATE = pg_catalog.snowball, LANGUAGE = 'english');

CREATE TEXT SEARCH CONFIGURATION catalogue_search (COPY = pg_catalog.english);

ALTER TEXT SEARCH CONFIGURATION catalogue_search
  ALTER MAPPING FOR asciiword, asciihword, hword_asciipart, word, hword, hword_part WITH catalogue_stem;

-- What is indexed of a lower-cased text: without accents, with spaces for hyphens, slashes and other punctuation, and once
-- more without apostrophes, as those who search leave them out.
CREATE FUNCTION search_text(text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT folded || ' ' || replace(folded, '''', '') FROM (
    SELECT regexp_replace(translate(regexp_replace(normalize($1, NFKD), '[\u0300-\u036f]', '', 'g'),
      '‘’ʼ', ''''''''), '[-/\u2010-\u2027\u2030-\u205e«»·]', ' ', 'g') AS folded
  ) AS text
$$;

-- Prisma's schema language has no word for indexes on expressions.
CREATE INDEX artists_search_idx ON artists USING gin (to_tsvector('catalogue_search', search_text(name_key)));

CREATE INDEX albums_search_idx ON albums USING gin (to_tsvector('catalogue_search', search_text(title_key)));

CREATE INDEX tracks_search_idx ON tracks USING gin (to_tsvector('catalogue_search', search_text(title_key)));
