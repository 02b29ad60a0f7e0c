-- CreateTable
CREATE TABLE "artists" (
    "id" SERIAL NOT NULL,
    "uuid" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "name_key" TEXT NOT NULL,
    "mbid" UUID,
    "content_category" TEXT NOT NULL DEFAULT 'music',
    "description_text" TEXT,
    "description_content_type" TEXT,
    "attributed_to_id" INTEGER,
    "cover_id" INTEGER,
    "created_at" TIMESTAMPTZ(6) NOT NULL,
    "modified_at" TIMESTAMPTZ(6) NOT NULL,

    CONSTRAINT "artists_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "albums" (
    "id" SERIAL NOT NULL,
    "uuid" UUID NOT NULL,
    "title" TEXT NOT NULL,
    "title_key" TEXT NOT NULL,
    "artist_id" INTEGER NOT NULL,
    "mbid" UUID,
    "release_date" DATE,
    "description_text" TEXT,
    "description_content_type" TEXT,
    "attributed_to_id" INTEGER,
    "cover_id" INTEGER,
    "created_at" TIMESTAMPTZ(6) NOT NULL,

    CONSTRAINT "albums_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "tracks" (
    "id" SERIAL NOT NULL,
    "uuid" UUID NOT NULL,
    "title" TEXT NOT NULL,
    "title_key" TEXT NOT NULL,
    "artist_id" INTEGER NOT NULL,
    "album_id" INTEGER,
    "mbid" UUID,
    "position" INTEGER,
    "disc_number" INTEGER,
    "copyright" TEXT,
    "license" TEXT,
    "description_text" TEXT,
    "description_content_type" TEXT,
    "attributed_to_id" INTEGER,
    "cover_id" INTEGER,
    "downloads_count" INTEGER NOT NULL DEFAULT 0,
    "created_at" TIMESTAMPTZ(6) NOT NULL,

    CONSTRAINT "tracks_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "tags" (
    "id" SERIAL NOT NULL,
    "name" TEXT NOT NULL,
    "name_key" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL,

    CONSTRAINT "tags_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "artist_tags" (
    "artist_id" INTEGER NOT NULL,
    "tag_id" INTEGER NOT NULL,

    CONSTRAINT "artist_tags_pkey" PRIMARY KEY ("artist_id","tag_id")
);

-- CreateTable
CREATE TABLE "album_tags" (
    "album_id" INTEGER NOT NULL,
    "tag_id" INTEGER NOT NULL,

    CONSTRAINT "album_tags_pkey" PRIMARY KEY ("album_id","tag_id")
);

-- CreateTable
CREATE TABLE "track_tags" (
    "track_id" INTEGER NOT NULL,
    "tag_id" INTEGER NOT NULL,

    CONSTRAINT "track_tags_pkey" PRIMARY KEY ("track_id","tag_id")
);

-- CreateTable
CREATE TABLE "libraries" (
    "id" SERIAL NOT NULL,
    "uuid" UUID NOT NULL,
    "owner_id" INTEGER NOT NULL,
    "name" TEXT NOT NULL,
    "description" TEXT,
    "privacy_level" TEXT NOT NULL DEFAULT 'me',
    "created_at" TIMESTAMPTZ(6) NOT NULL,

    CONSTRAINT "libraries_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "uploads" (
    "id" SERIAL NOT NULL,
    "uuid" UUID NOT NULL,
    "library_id" INTEGER NOT NULL,
    "track_id" INTEGER,
    "import_status" TEXT NOT NULL,
    "import_reference" TEXT NOT NULL,
    "import_metadata" JSONB NOT NULL DEFAULT '{}',
    "import_details" JSONB NOT NULL DEFAULT '{}',
    "source" TEXT,
    "file_key" TEXT,
    "checksum" BYTEA,
    "mimetype" TEXT,
    "extension" TEXT,
    "size" BIGINT,
    "duration" INTEGER,
    "bitrate" INTEGER,
    "downloads_count" INTEGER NOT NULL DEFAULT 0,
    "created_at" TIMESTAMPTZ(6) NOT NULL,
    "imported_at" TIMESTAMPTZ(6),
    "accessed_at" TIMESTAMPTZ(6),

    CONSTRAINT "uploads_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "transcoded_files" (
    "id" SERIAL NOT NULL,
    "upload_id" INTEGER NOT NULL,
    "mimetype" TEXT NOT NULL,
    "bitrate" INTEGER NOT NULL,
    "file_key" TEXT NOT NULL,
    "size" BIGINT NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL,
    "accessed_at" TIMESTAMPTZ(6) NOT NULL,

    CONSTRAINT "transcoded_files_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "favorites" (
    "id" SERIAL NOT NULL,
    "user_id" INTEGER NOT NULL,
    "track_id" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL,

    CONSTRAINT "favorites_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "listenings" (
    "id" SERIAL NOT NULL,
    "user_id" INTEGER NOT NULL,
    "track_id" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL,

    CONSTRAINT "listenings_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "playlists" (
    "id" SERIAL NOT NULL,
    "user_id" INTEGER NOT NULL,
    "name" TEXT NOT NULL,
    "privacy_level" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL,
    "modified_at" TIMESTAMPTZ(6) NOT NULL,

    CONSTRAINT "playlists_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "playlist_tracks" (
    "id" SERIAL NOT NULL,
    "playlist_id" INTEGER NOT NULL,
    "track_id" INTEGER NOT NULL,
    "index" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL,

    CONSTRAINT "playlist_tracks_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "artists_uuid_key" ON "artists"("uuid");

-- CreateIndex
CREATE INDEX "artists_name_key_idx" ON "artists"("name_key");

-- CreateIndex
CREATE INDEX "artists_mbid_idx" ON "artists"("mbid");

-- CreateIndex
CREATE INDEX "artists_created_at_idx" ON "artists"("created_at");

-- CreateIndex
CREATE INDEX "artists_modified_at_idx" ON "artists"("modified_at");

-- CreateIndex
CREATE INDEX "artists_attributed_to_id_idx" ON "artists"("attributed_to_id");

-- CreateIndex
CREATE INDEX "artists_cover_id_idx" ON "artists"("cover_id");

-- CreateIndex
CREATE UNIQUE INDEX "albums_uuid_key" ON "albums"("uuid");

-- CreateIndex
CREATE INDEX "albums_artist_id_title_key_idx" ON "albums"("artist_id", "title_key");

-- CreateIndex
CREATE INDEX "albums_title_idx" ON "albums"("title");

-- CreateIndex
CREATE INDEX "albums_mbid_idx" ON "albums"("mbid");

-- CreateIndex
CREATE INDEX "albums_release_date_idx" ON "albums"("release_date");

-- CreateIndex
CREATE INDEX "albums_created_at_idx" ON "albums"("created_at");

-- CreateIndex
CREATE INDEX "albums_attributed_to_id_idx" ON "albums"("attributed_to_id");

-- CreateIndex
CREATE INDEX "albums_cover_id_idx" ON "albums"("cover_id");

-- CreateIndex
CREATE UNIQUE INDEX "tracks_uuid_key" ON "tracks"("uuid");

-- CreateIndex
CREATE INDEX "tracks_artist_id_title_key_idx" ON "tracks"("artist_id", "title_key");

-- CreateIndex
CREATE INDEX "tracks_album_id_idx" ON "tracks"("album_id");

-- CreateIndex
CREATE INDEX "tracks_title_idx" ON "tracks"("title");

-- CreateIndex
CREATE INDEX "tracks_mbid_idx" ON "tracks"("mbid");

-- CreateIndex
CREATE INDEX "tracks_license_idx" ON "tracks"("license");

-- CreateIndex
CREATE INDEX "tracks_created_at_idx" ON "tracks"("created_at");

-- CreateIndex
CREATE INDEX "tracks_attributed_to_id_idx" ON "tracks"("attributed_to_id");

-- CreateIndex
CREATE INDEX "tracks_cover_id_idx" ON "tracks"("cover_id");

-- CreateIndex
CREATE UNIQUE INDEX "tags_name_key_key" ON "tags"("name_key");

-- CreateIndex
CREATE INDEX "tags_created_at_idx" ON "tags"("created_at");

-- CreateIndex
CREATE INDEX "artist_tags_tag_id_idx" ON "artist_tags"("tag_id");

-- CreateIndex
CREATE INDEX "album_tags_tag_id_idx" ON "album_tags"("tag_id");

-- CreateIndex
CREATE INDEX "track_tags_tag_id_idx" ON "track_tags"("tag_id");

-- CreateIndex
CREATE UNIQUE INDEX "libraries_uuid_key" ON "libraries"("uuid");

-- CreateIndex
CREATE INDEX "libraries_owner_id_idx" ON "libraries"("owner_id");

-- CreateIndex
CREATE INDEX "libraries_created_at_idx" ON "libraries"("created_at");

-- CreateIndex
CREATE INDEX "libraries_privacy_level_idx" ON "libraries"("privacy_level");

-- CreateIndex
CREATE UNIQUE INDEX "uploads_uuid_key" ON "uploads"("uuid");

-- CreateIndex
CREATE UNIQUE INDEX "uploads_file_key_key" ON "uploads"("file_key");

-- CreateIndex
CREATE INDEX "uploads_track_id_import_status_idx" ON "uploads"("track_id", "import_status");

-- CreateIndex
CREATE INDEX "uploads_library_id_created_at_idx" ON "uploads"("library_id", "created_at");

-- CreateIndex
CREATE INDEX "uploads_import_reference_idx" ON "uploads"("import_reference");

-- CreateIndex
CREATE INDEX "uploads_import_status_idx" ON "uploads"("import_status");

-- CreateIndex
CREATE INDEX "uploads_created_at_idx" ON "uploads"("created_at");

-- CreateIndex
CREATE INDEX "uploads_checksum_idx" ON "uploads"("checksum");

-- CreateIndex
CREATE UNIQUE INDEX "transcoded_files_file_key_key" ON "transcoded_files"("file_key");

-- CreateIndex
CREATE INDEX "transcoded_files_upload_id_idx" ON "transcoded_files"("upload_id");

-- CreateIndex
CREATE INDEX "transcoded_files_accessed_at_idx" ON "transcoded_files"("accessed_at");

-- CreateIndex
CREATE INDEX "favorites_track_id_idx" ON "favorites"("track_id");

-- CreateIndex
CREATE INDEX "favorites_created_at_idx" ON "favorites"("created_at");

-- CreateIndex
CREATE UNIQUE INDEX "favorites_user_id_track_id_key" ON "favorites"("user_id", "track_id");

-- CreateIndex
CREATE INDEX "listenings_user_id_created_at_idx" ON "listenings"("user_id", "created_at");

-- CreateIndex
CREATE INDEX "listenings_track_id_idx" ON "listenings"("track_id");

-- CreateIndex
CREATE INDEX "listenings_created_at_idx" ON "listenings"("created_at");

-- CreateIndex
CREATE INDEX "playlists_user_id_idx" ON "playlists"("user_id");

-- CreateIndex
CREATE INDEX "playlists_privacy_level_idx" ON "playlists"("privacy_level");

-- CreateIndex
CREATE INDEX "playlist_tracks_playlist_id_index_idx" ON "playlist_tracks"("playlist_id", "index");

-- CreateIndex
CREATE INDEX "playlist_tracks_track_id_idx" ON "playlist_tracks"("track_id");

-- AddForeignKey
ALTER TABLE "artists" ADD CONSTRAINT "artists_attributed_to_id_fkey" FOREIGN KEY ("attributed_to_id") REFERENCES "users"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "artists" ADD CONSTRAINT "artists_cover_id_fkey" FOREIGN KEY ("cover_id") REFERENCES "attachments"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "albums" ADD CONSTRAINT "albums_artist_id_fkey" FOREIGN KEY ("artist_id") REFERENCES "artists"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "albums" ADD CONSTRAINT "albums_attributed_to_id_fkey" FOREIGN KEY ("attributed_to_id") REFERENCES "users"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "albums" ADD CONSTRAINT "albums_cover_id_fkey" FOREIGN KEY ("cover_id") REFERENCES "attachments"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "tracks" ADD CONSTRAINT "tracks_artist_id_fkey" FOREIGN KEY ("artist_id") REFERENCES "artists"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "tracks" ADD CONSTRAINT "tracks_album_id_fkey" FOREIGN KEY ("album_id") REFERENCES "albums"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "tracks" ADD CONSTRAINT "tracks_attributed_to_id_fkey" FOREIGN KEY ("attributed_to_id") REFERENCES "users"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "tracks" ADD CONSTRAINT "tracks_cover_id_fkey" FOREIGN KEY ("cover_id") REFERENCES "attachments"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "artist_tags" ADD CONSTRAINT "artist_tags_artist_id_fkey" FOREIGN KEY ("artist_id") REFERENCES "artists"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "artist_tags" ADD CONSTRAINT "artist_tags_tag_id_fkey" FOREIGN KEY ("tag_id") REFERENCES "tags"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "album_tags" ADD CONSTRAINT "album_tags_album_id_fkey" FOREIGN KEY ("album_id") REFERENCES "albums"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "album_tags" ADD CONSTRAINT "album_tags_tag_id_fkey" FOREIGN KEY ("tag_id") REFERENCES "tags"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "track_tags" ADD CONSTRAINT "track_tags_track_id_fkey" FOREIGN KEY ("track_id") REFERENCES "tracks"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "track_tags" ADD CONSTRAINT "track_tags_tag_id_fkey" FOREIGN KEY ("tag_id") REFERENCES "tags"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "libraries" ADD CONSTRAINT "libraries_owner_id_fkey" FOREIGN KEY ("owner_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "uploads" ADD CONSTRAINT "uploads_library_id_fkey" FOREIGN KEY ("library_id") REFERENCES "libraries"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "uploads" ADD CONSTRAINT "uploads_track_id_fkey" FOREIGN KEY ("track_id") REFERENCES "tracks"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "transcoded_files" ADD CONSTRAINT "transcoded_files_upload_id_fkey" FOREIGN KEY ("upload_id") REFERENCES "uploads"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "favorites" ADD CONSTRAINT "favorites_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "favorites" ADD CONSTRAINT "favorites_track_id_fkey" FOREIGN KEY ("track_id") REFERENCES "tracks"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "listenings" ADD CONSTRAINT "listenings_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "listenings" ADD CONSTRAINT "listenings_track_id_fkey" FOREIGN KEY ("track_id") REFERENCES "tracks"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "playlists" ADD CONSTRAINT "playlists_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "playlist_tracks" ADD CONSTRAINT "playlist_tracks_playlist_id_fkey" FOREIGN KEY ("playlist_id") REFERENCES "playlists"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "playlist_tracks" ADD CONSTRAINT "playlist_tracks_track_id_fkey" FOREIGN KEY ("track_id") REFERENCES "tracks"("id") ON DELETE CASCADE ON UPDATE CASCADE;
