const resolveBy = (name: string) =>
  `Remove the cause, then run: npm run migrate -- resolve --rolled-back ${name}, and start again.`

/** What an admin reads when the database cannot be migrated. */
export const migrationTexts = {
  unreachable: (why: string) => `The database cannot be reached: ${why}`,
  pgbouncer: `The database needs migrating, which does not work through PgBouncer. \
Set DATABASE_DIRECT_URL, which leads to PostgreSQL itself.`,
  notAllowed: (why: string) => `The database user may not create tables (${why}). \
Make it the owner of the database, or grant it CREATE on the schema.`,
  noMigrations: (directory: string) => `There are no migrations in ${directory}: the installation is incomplete.`,
  foreignTables: `The database has tables that are not Baleen's. \
Give it an empty database, or another schema with ?schema=name in DATABASE_URL.`,
  newer: (names: string[]) => `The database is newer than this Baleen: it has ${names.join(', ')}. \
Start the release that it was last used with, or a later one.`,
  changed: (name: string) => `Migration ${name} is not the one that was applied to this database: \
its file has changed since. Restore the file.`,
  failedEarlier: (name: string, logs: string) => `Migration ${name} failed earlier and was undone. \
${resolveBy(name)}\n${logs}`,
  failed: (name: string, why: string) => `Migration ${name} failed and was undone. ${resolveBy(name)}\n${why}`,
  interrupted: (name: string, why: string) => `Migration ${name} was interrupted and undone. Start again.\n${why}`,
}
