import pg from 'pg'
import type { Manifest, Table } from './manifest.ts'

const quote = pg.escapeIdentifier

/** Whether anything has happened in this database that a restore would wipe out. */
export async function isInUse(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query(`SELECT to_regclass('users') IS NOT NULL AS migrated`)
  if (!rows[0].migrated) return false
  const found = await client.query('SELECT FROM users UNION ALL SELECT FROM clients LIMIT 1')
  return found.rowCount !== 0
}

/** Other processes of Baleen that have this database open. */
export async function othersConnected(client: pg.Client): Promise<number> {
  const { rows } = await client.query(
    `SELECT count(*)::int AS others FROM pg_stat_activity
      WHERE application_name = 'baleen' AND datname = current_database() AND pid <> pg_backend_pid()`,
  )
  return rows[0].others
}

/** Removes tables, types, functions and dictionaries from the schema, except those of extensions. */
export async function emptySchema(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ statement: string }>(
    `WITH own AS (
       SELECT oid FROM pg_namespace WHERE oid = current_schema()::regnamespace
     ), foreign_ AS (
       SELECT objid FROM pg_depend WHERE deptype = 'e'
     )
     SELECT format('DROP TABLE IF EXISTS %s CASCADE', c.oid::regclass) AS statement
       FROM pg_class c JOIN own ON own.oid = c.relnamespace
      WHERE c.relkind IN ('r', 'p') AND c.oid NOT IN (SELECT objid FROM foreign_)
     UNION ALL
     SELECT format('DROP FUNCTION IF EXISTS %s CASCADE', p.oid::regprocedure)
       FROM pg_proc p JOIN own ON own.oid = p.pronamespace
      WHERE p.oid NOT IN (SELECT objid FROM foreign_)
     UNION ALL
     SELECT format('DROP TYPE IF EXISTS %s CASCADE', t.oid::regtype)
       FROM pg_type t JOIN own ON own.oid = t.typnamespace
      WHERE t.typtype = 'e' AND t.oid NOT IN (SELECT objid FROM foreign_)
     UNION ALL
     SELECT format('DROP TEXT SEARCH CONFIGURATION IF EXISTS %s CASCADE', c.oid::regconfig)
       FROM pg_ts_config c JOIN own ON own.oid = c.cfgnamespace
      WHERE c.oid NOT IN (SELECT objid FROM foreign_)
     UNION ALL
     SELECT format('DROP TEXT SEARCH DICTIONARY IF EXISTS %s CASCADE', d.oid::regdictionary)
       FROM pg_ts_dict d JOIN own ON own.oid = d.dictnamespace
      WHERE d.oid NOT IN (SELECT objid FROM foreign_)`,
  )
  await client.query(['BEGIN', ...rows.map(({ statement }) => statement), 'COMMIT'].join('; '))
}

/** Rows of one table, as `dumpRows` gave them. */
export interface Batch {
  table: Table
  rows: string[]
}

/**
 * Replaces what the tables hold, all of it or nothing. Foreign keys are made anew when the rows are there, which checks
 * them all.
 */
export async function load(
  client: pg.Client,
  { tables, sequences }: Pick<Manifest, 'tables' | 'sequences'>,
  batches: AsyncIterable<Batch>,
): Promise<void> {
  await client.query('BEGIN')
  try {
    await client.query(
      `SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = '10s'; SET LOCAL TimeZone = 'UTC';
       SET LOCAL idle_in_transaction_session_timeout = 0`,
    )
    const names = tables.map(({ name }) => quote(name))
    const foreignKeys = await listForeignKeys(client)
    if (names.length > 0) await client.query(`TRUNCATE ${names.join(', ')}`)
    for (const { table, name } of foreignKeys) await client.query(`ALTER TABLE ${table} DROP CONSTRAINT ${quote(name)}`)
    for (const name of names) await client.query(`ALTER TABLE ${name} DISABLE TRIGGER USER`)
    const inserts = await prepareInserts(client, tables)
    for await (const { table, rows } of batches) await client.query(inserts(table.name), [`[${rows.join(',')}]`])
    for (const { table, name, definition } of foreignKeys) {
      await client.query(`ALTER TABLE ${table} ADD CONSTRAINT ${quote(name)} ${definition}`)
    }
    for (const name of names) await client.query(`ALTER TABLE ${name} ENABLE TRIGGER USER`)
    for (const { name, value, isCalled } of sequences) {
      await client.query('SELECT setval($1::text::regclass, $2, $3)', [quote(name), value, isCalled])
    }
    await client.query('COMMIT')
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined)
    throw error
  }
}

async function listForeignKeys(client: pg.Client) {
  const { rows } = await client.query<{ table: string; name: string; definition: string }>(
    `SELECT conrelid::regclass::text AS table, conname AS name, pg_get_constraintdef(oid) AS definition
       FROM pg_constraint WHERE contype = 'f' AND connamespace = current_schema()::regnamespace`,
  )
  return rows
}

/** The statement that adds rows to a table, given a JSON array of them. */
async function prepareInserts(client: pg.Client, tables: Table[]): Promise<(table: string) => string> {
  const { rows } = await client.query<{ table: string; column: string; type: string }>(
    `SELECT c.relname AS table, a.attname AS column, format_type(a.atttypid, a.atttypmod) AS type
       FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
      WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r' AND a.attnum > 0`,
  )
  const typeOf = new Map(rows.map(({ table, column, type }) => [`${table}.${column}`, type]))
  const statements = new Map(
    tables.map(({ name, columns }) => {
      const values = columns.map((column, index) => `(r ->> ${index})::${typeOf.get(`${name}.${column}`)}`)
      const into = `${quote(name)} (${columns.map(quote).join(', ')}) OVERRIDING SYSTEM VALUE`
      return [name, `INSERT INTO ${into} SELECT ${values.join(', ')} FROM json_array_elements($1::json) r`]
    }),
  )
  return (table) => {
    const statement = statements.get(table)
    if (statement === undefined) throw new Error(`no table ${table}`)
    return statement
  }
}
