import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PrismaPg } from '@prisma/adapter-pg'
import { bindMigrationAwareSqlAdapterFactory, ColumnTypeEnum } from '@prisma/driver-adapter-utils'
import pg from 'pg'

const charOid = 18
const bpcharOid = 1042

/**
 * What the engine connects through: the database of the URL, and for every shadow database a new PGlite in memory,
 * since every migration has to run there anyway. Without a URL the main database is one of those too.
 */
export function migrationAdapterFactory(url) {
  let main
  const connectOnce = () => {
    main ??= url ? connectTo(url) : connectToShadow()
    return main
  }
  return bindMigrationAwareSqlAdapterFactory({
    provider: 'postgres',
    adapterName: '@prisma/adapter-pg',
    connect: connectOnce,
    connectToShadowDb: connectToShadow,
  })
}

/** One connection until the process ends, since the engine's advisory lock belongs to it. */
function connectTo(url) {
  const schema = new URL(url).searchParams.get('schema') ?? 'public'
  // adapter-pg writes times without an offset, meaning UTC.
  const settings = `SET search_path = ${pg.escapeIdentifier(schema)}; SET TimeZone = 'UTC'`
  const onConnect = (client) => client.query(settings)
  return adapterFor({ connectionString: url, connectionTimeoutMillis: 10_000, onConnect }, schema)
}

async function connectToShadow() {
  const { PGlite } = await import('@electric-sql/pglite')
  const { PGLiteSocketServer } = await import('@electric-sql/pglite-socket')
  const directory = mkdtempSync(join(tmpdir(), 'baleen-shadow-'))
  process.once('exit', () => rmSync(directory, { recursive: true, force: true }))
  const server = new PGLiteSocketServer({ db: await PGlite.create(), path: join(directory, '.s.PGSQL.5432') })
  await server.start()
  return adapterFor({ host: directory, port: 5432, user: 'postgres', database: 'postgres' }, 'public')
}

async function adapterFor(options, schema) {
  const pool = new pg.Pool({ ...options, max: 1, idleTimeoutMillis: 0 })
  const adapter = await new PrismaPg(pool, { schema }).connect()
  readCharColumns(adapter)
  // adapter-pg cuts a script at every semicolon, also those in strings and function bodies.
  adapter.executeScript = async (script) => {
    await pool.query(script).catch((error) => adapter.onError(error))
  }
  return adapter
}

/** adapter-pg rejects `"char"`, the one-byte type of the catalogs, and takes its nearest relative for a text. */
function readCharColumns(adapter) {
  const queryRaw = adapter.queryRaw
  adapter.queryRaw = async (query) => {
    const charColumns = []
    const performIO = async (statement) => {
      const result = await adapter.performIO(statement)
      for (const [index, field] of result.fields.entries()) {
        if (field.dataTypeID !== charOid) continue
        field.dataTypeID = bpcharOid
        charColumns.push(index)
      }
      return result
    }
    const result = await queryRaw.call(Object.create(adapter, { performIO: { value: performIO } }), query)
    for (const index of charColumns) result.columnTypes[index] = ColumnTypeEnum.Character
    return result
  }
}
