import pg from 'pg'

const commands = {
  'can-connect-to-database': canConnect,
  'create-database': createDatabase,
}

/** What Prisma calls the errors that people meet when connecting. */
const prismaCodes = {
  ENOENT: 'P1001',
  ECONNREFUSED: 'P1001',
  ENOTFOUND: 'P1001',
  ECONNRESET: 'P1001',
  ETIMEDOUT: 'P1002',
  '28P01': 'P1000',
  28000: 'P1010',
  '3D000': 'P1003',
  42501: 'P1010',
}

/** Answers with the exit code; why it failed is in a JSON line on stderr, the second one: the CLI skips the first. */
export async function runDatabaseCommand(name, url) {
  try {
    if (!commands[name]) throw new Error(`Unknown command: cli ${name}`)
    await commands[name](url)
    return 0
  } catch (error) {
    const fields = { error_code: prismaCodes[error.code] ?? 'P1011', message: error.message || error.code }
    process.stderr.write(`cli ${name}\n`)
    process.stderr.write(`${JSON.stringify({ level: 'ERROR', target: 'schema_engine::logger', fields })}\n`)
    return 1
  }
}

async function canConnect(url) {
  const client = await connect(url)
  await client.end()
}

/** Creates the database that the URL names, from within the `postgres` database of the same server. */
async function createDatabase(url) {
  const target = new URL(url)
  const name = decodeURIComponent(target.pathname.slice(1))
  target.pathname = '/postgres'
  const client = await connect(target.href)
  try {
    await client.query(`CREATE DATABASE ${pg.escapeIdentifier(name)}`)
  } finally {
    await client.end()
  }
}

async function connect(url) {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 })
  await client.connect()
  return client
}
