import pg from 'pg'

export const sizes = { users: 1_000, artists: 2_000, albums: 10_000, tracks: 100_000, listenings: 200_000 }

/** Some libraries and tags hold far more than others, and a few words are in many names. */
const statements = [
  'SELECT setseed(0.5)',
  // 1,500 words of two or three syllables, so that names share words as names do.
  `CREATE TEMP TABLE words AS
     SELECT array_agg(word ORDER BY random()) AS all_words FROM (
       SELECT DISTINCT ON (word) word FROM (
         SELECT initcap((ARRAY['ba','lo','mi','ne','ra','su','te','vo','ka','di','fe','gu'])[1 + n % 12]
           || (ARRAY['len','mar','nia','rok','sto','tal','vin','zel','dor','pho'])[1 + (n / 12) % 10]
           || (ARRAY['', 'a', 'o', 'is', 'en', 'ix', 'ur', 'y', 'el', 'on', 'é', 'ü'])[1 + (n / 120) % 12]) AS word
         FROM generate_series(0, 1499) n
       ) made
     ) distinct_words`,
  `CREATE FUNCTION pg_temp.a_name(salt int, parts int) RETURNS text LANGUAGE sql VOLATILE AS $$
     SELECT string_agg(all_words[1 + floor(1400 * power(random(), 2) + 0 * (salt + part))::int], ' ')
     FROM words, generate_series(1, parts) part $$`,
  `INSERT INTO users (username, username_key, email, email_key, password_hash, name, privacy_level, secret_key, created_at)
     SELECT 'user' || n, 'user' || n, 'user' || n || '@example.org', 'user' || n || '@example.org', 'none', 'User ' || n,
       CASE WHEN n % 10 < 7 THEN 'instance' WHEN n % 10 < 9 THEN 'everyone' ELSE 'me' END, '\\x00', ago(n)
     FROM generate_series(2, $users) n`,
  `INSERT INTO attachments (uuid, owner_id, mimetype, size, created_at)
     SELECT gen_random_uuid(), 1, 'image/jpeg', 50000 + n, ago(n) FROM generate_series(1, $albums + $artists / 2) n`,
  `INSERT INTO artists (uuid, name, name_key, mbid, content_category, attributed_to_id, cover_id, created_at, modified_at)
     SELECT gen_random_uuid(), name, lower(name), CASE WHEN n % 2 = 0 THEN gen_random_uuid() END,
       CASE WHEN n % 20 = 0 THEN 'podcast' ELSE 'music' END, 1 + n % 50, CASE WHEN n % 2 = 0 THEN $albums + n / 2 END,
       ago(n), ago(n / 2)
     FROM (SELECT n, pg_temp.a_name(n, 1 + n % 3) AS name FROM generate_series(1, $artists) n) named`,
  `INSERT INTO albums (uuid, title, title_key, artist_id, release_date, mbid, attributed_to_id, cover_id, created_at)
     SELECT gen_random_uuid(), title, lower(title), 1 + (n * 7919) % $artists,
       CASE WHEN n % 5 > 0 THEN date '1960-01-01' + (n * 37) % 22000 END, CASE WHEN n % 2 = 0 THEN gen_random_uuid() END,
       1 + n % 50, n, ago(n)
     FROM (SELECT n, pg_temp.a_name(n, 1 + n % 4) AS title FROM generate_series(1, $albums) n) named`,
  // One track in fifty is on no album, one in ten is credited to a guest.
  `INSERT INTO tracks (uuid, title, title_key, artist_id, album_id, mbid, position, disc_number, license,
       attributed_to_id, downloads_count, created_at)
     SELECT gen_random_uuid(), name, lower(name),
       CASE WHEN n % 10 = 0 THEN 1 + (n * 31) % $artists ELSE b.artist_id END,
       CASE WHEN n % 50 > 0 THEN b.id END, CASE WHEN n % 2 = 0 THEN gen_random_uuid() END, 1 + n % 12, 1,
       CASE WHEN n % 4 = 0 THEN 'cc-by-4.0' END, 1 + n % 50, n % 100, ago(n)
     FROM (SELECT n, pg_temp.a_name(n, 1 + n % 5) AS name FROM generate_series(1, $tracks) n) named
     JOIN albums b ON b.id = 1 + n / 10 % $albums`,
  // Alice and 49 others have large libraries, for everyone, for the pod or for themselves; all others a small one.
  `INSERT INTO libraries (uuid, owner_id, name, privacy_level, created_at)
     SELECT gen_random_uuid(), n, 'Library ' || n,
       CASE WHEN n % 20 < 11 THEN 'instance' WHEN n % 20 < 17 THEN 'everyone' ELSE 'me' END, ago(n)
     FROM generate_series(1, $users) n`,
  // One track in twenty has no file, one in twenty has two. What triggers do for each is done for all in the end.
  'SET session_replication_role = replica',
  `INSERT INTO uploads (uuid, library_id, track_id, import_status, import_reference, file_key, mimetype, extension, size,
       duration, bitrate, created_at, imported_at)
     SELECT gen_random_uuid(),
       CASE WHEN n % 10 < 8 THEN 1 + (n / 200) % 50 ELSE 1 + (n * 13) % $users END, 1 + n % $tracks,
       CASE WHEN n % 40 = 0 THEN 'skipped' WHEN n % 97 = 0 THEN 'errored' ELSE 'finished' END, 'bench', 'file-' || n,
       'audio/mpeg', 'mp3', 4000000 + n, 120 + n % 240, 320000, ago(n), ago(n)
     FROM generate_series(1, $tracks) n WHERE n % 20 > 0
     UNION ALL
     SELECT gen_random_uuid(), 1 + (n * 17) % $users, n, 'finished', 'bench', 'second-' || n, 'audio/flac', 'flac',
       20000000 + n, 120 + n % 240, 900000, ago(n), ago(n)
     FROM generate_series(1, $tracks, 20) n`,
  'SET session_replication_role = DEFAULT',
  `UPDATE tracks SET open_to = found.open_to FROM (
     SELECT u.track_id, max(openness(l.privacy_level)) AS open_to FROM uploads u JOIN libraries l ON l.id = u.library_id
     WHERE u.import_status IN ('finished', 'skipped') GROUP BY u.track_id
   ) found WHERE tracks.id = found.track_id`,
  `INSERT INTO tags (name, name_key, created_at)
     SELECT 'Tag' || n, 'tag' || n, ago(n) FROM generate_series(1, 400) n`,
  `INSERT INTO track_tags (track_id, tag_id)
     SELECT DISTINCT 1 + n % $tracks, 1 + floor(400 * power(random(), 3))::int FROM generate_series(1, $tracks * 3 / 2) n`,
  `INSERT INTO album_tags (album_id, tag_id)
     SELECT DISTINCT 1 + n % $albums, 1 + floor(400 * power(random(), 3))::int FROM generate_series(1, $albums * 2) n`,
  `INSERT INTO artist_tags (artist_id, tag_id)
     SELECT DISTINCT 1 + n % $artists, 1 + floor(400 * power(random(), 3))::int FROM generate_series(1, $artists * 2) n`,
  `INSERT INTO listenings (user_id, track_id, created_at)
     SELECT 1 + floor($users * power(random(), 2))::int, 1 + floor($tracks * power(random(), 2))::int, ago(n)
     FROM generate_series(1, $listenings) n`,
  `INSERT INTO favorites (user_id, track_id, created_at)
     SELECT 1 + n % $users, 1 + floor($tracks * random())::int, ago(n) FROM generate_series(1, $tracks / 4) n
     ON CONFLICT DO NOTHING`,
  'VACUUM FULL',
  'VACUUM ANALYZE',
]

/** Fills an empty catalogue in which alice is the only user. */
export async function fill(url) {
  const client = new pg.Client(url)
  await client.connect()
  await client.query(`CREATE FUNCTION ago(n int) RETURNS timestamptz LANGUAGE sql IMMUTABLE AS
    $$ SELECT timestamptz '2024-06-01 00:00:00Z' - n * interval '97 seconds' $$`)
  for (const statement of statements) {
    await client.query(statement.replace(/\$(users|artists|albums|tracks|listenings)/g, (_, name) => sizes[name]))
  }
  await client.query('DROP FUNCTION ago')
  await client.end()
}

/** Something to ask for. */
export async function samples(url) {
  const client = new pg.Client(url)
  await client.connect()
  const read = async (sql) => (await client.query(sql)).rows.map(({ value }) => value)
  const found = {
    libraries: await read('SELECT uuid AS value FROM libraries WHERE owner_id BETWEEN 1 AND 8 ORDER BY id'),
    words: await read(`SELECT word AS value FROM (SELECT lower(regexp_split_to_table(title, ' ')) AS word FROM albums) w
      GROUP BY word ORDER BY md5(word) LIMIT 1000`),
    frequent:
      await read(`SELECT word AS value FROM (SELECT lower(regexp_split_to_table(title, ' ')) AS word FROM tracks) w
      GROUP BY word ORDER BY count(*) DESC LIMIT 20`),
    listeningPages: Number(
      await read(`SELECT ceil(count(*) / 50.0) AS value FROM listenings e JOIN users u ON u.id = e.user_id
      WHERE u.id = 1 OR u.privacy_level <> 'me'`),
    ),
  }
  await client.end()
  return found
}
