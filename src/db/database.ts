import { PrismaPg } from '@prisma/adapter-pg'
import pg from 'pg'
import { Changes } from './changes/changes.ts'
import { Listener } from './changes/listener.ts'
import { hearOwnChanges } from './changes/own-changes.ts'
import { type ConnectionPlan, type DatabaseLocation, giveUpAfterMs, planConnection, timeouts } from './connection.ts'
import { DatabaseUnreachable, DirectStatements } from './direct.ts'
import { Prisma, PrismaClient } from './generated/client.ts'

/** The client or an open transaction: what domain functions take. */
export type Database = Prisma.TransactionClient
/** The client itself, which can begin transactions and hears of changes. */
export type DatabaseClient = PrismaClient & DatabaseEars & { readonly pool: PoolFigures; readonly direct: DirectWay }

/** Past Prisma; see `statements.ts`. */
export interface DirectWay {
  /** Inside of a transaction it is another, which has to be used then. */
  readonly client: PrismaClient
  readonly statements: DirectStatements
}

/** How busy the connections are. */
export type PoolFigures = Pick<pg.Pool, 'totalCount' | 'idleCount' | 'waitingCount'>

export interface DatabaseEars {
  readonly changes: Changes
  /** Hears of others' changes too, from now on. Where that is impossible, `changes` are never trusted. */
  readonly listener: Listener | undefined
}

export interface DatabaseOptions {
  /** Connections in the pool; the embedded database has one. */
  max?: number
  /** A connection was lost outside of a query; the pool makes a new one. */
  onConnectionLost?: (error: Error) => void
  /** A way to the same database without a pooler that would keep notifications from who listens. */
  directUrl?: string | undefined
  /** Sees every statement that is sent, BEGIN and COMMIT included. */
  onStatement?: (sql: string) => void
}

/** Every connection holds its own prepared statements, so there must be an end to them. */
const mostNamedStatements = 500

/** Connects when the first query comes. */
export function openDatabase(location: DatabaseLocation, options: DatabaseOptions = {}): DatabaseClient {
  const plan = planConnection(location)
  const embedded = plan.kind === 'embedded'
  const changes: Changes = new Changes(() => listener?.isTrusted() ?? false)
  const pool = new pg.Pool({
    ...plan.client,
    max: plan.max ?? options.max ?? 10,
    // The server's timeouts come first.
    query_timeout: giveUpAfterMs,
    idleTimeoutMillis: embedded ? 0 : 60_000,
    maxLifetimeSeconds: embedded ? 0 : 1_800,
    onConnect: async (client) => {
      hearOwnChanges(client as pg.Client, changes)
      await client.query(plan.settings)
    },
  })
  // Whoever waits for a query hears of it there.
  pool.on('error', (error) => options.onConnectionLost?.(error))
  const knownNames = plan.kind === 'postgres' ? statementNames() : () => ''
  const nameOf = (sql: string) => {
    options.onStatement?.(sql)
    return knownNames(sql)
  }
  const adapter = new PrismaPg(pool, {
    schema: plan.schema,
    disposeExternalPool: true,
    ...(options.onConnectionLost && { onConnectionError: options.onConnectionLost }),
    statementNameGenerator: ({ sql }) => nameOf(sql),
  })
  const wait = plan.client.connectionTimeoutMillis ?? 0
  const client = new PrismaClient({
    adapter,
    errorFormat: 'minimal',
    transactionOptions: { maxWait: wait, timeout: timeouts.statement_timeout },
  })
  const listener = listenerFor(plan, options.directUrl, client, changes)
  return Object.assign(client, {
    changes,
    listener,
    pool,
    direct: { client, statements: new DirectStatements(pool, nameOf) },
  })
}

function listenerFor(
  plan: ConnectionPlan,
  directUrl: string | undefined,
  client: PrismaClient,
  changes: Changes,
): Listener | undefined {
  const direct = directUrl === undefined ? plan : planConnection({ url: directUrl })
  if (direct.kind === 'pgbouncer') return undefined
  return new Listener({
    client: direct.client,
    needsProof: plan.kind !== 'embedded',
    send: (sql) => client.$executeRawUnsafe(sql),
    onChange: (subject) => changes.note(subject),
    onGap: () => changes.noteAll(),
  })
}

/** Waits for the queries that run. */
export async function closeDatabase(db: DatabaseClient): Promise<void> {
  await db.listener?.stop()
  await db.$disconnect()
  await db.direct.statements.close()
}

/**
 * At the head of a statement: its plan is to go by the values it is given, each time. For those that filter by what may
 * be rare or frequent, and come in too many forms to be named.
 */
export const plannedAnew = Prisma.raw('/* planned anew */')

/** Named statements are planned once per connection. The empty name means: not this one. */
function statementNames(): (sql: string) => string {
  const names = new Map<string, string>()
  return (sql) => {
    if (sql.startsWith(plannedAnew.sql)) return ''
    const known = names.get(sql)
    if (known !== undefined) return known
    if (names.size >= mostNamedStatements) return ''
    const name = `s${names.size}`
    names.set(sql, name)
    return name
  }
}

export function isUniqueViolation(error: unknown): boolean {
  return sqlState(error) === '23505'
}

export function isForeignKeyViolation(error: unknown): boolean {
  const state = sqlState(error)
  return state === '23503' || state === '23001'
}

/** A text that was to become a `tsquery` makes no sense, or is too much. */
export function isInvalidSearch(error: unknown): boolean {
  return ['22023', '42601', '54000', '54001'].includes(sqlState(error) ?? '')
}

/** What node-postgres says without any code. */
const connectionMessages = new Set([
  'Cannot use a pool after calling end on the pool',
  'Client has encountered a connection error and is not queryable',
  'Client was closed and is not queryable',
  'Connection terminated',
  'Connection terminated due to connection timeout',
  'Connection terminated unexpectedly',
  'Query read timeout',
  'timeout exceeded when trying to connect',
  'timeout expired',
])

/** Prisma's: connection, login or database refused; timed out; write conflict; too many connections; transaction. */
const prismaCodes = /^P(1\d\d\d|2024|2028|2034|2037)$/

/** adapter-pg's names for errors of the network. */
const unreachableKinds = new Set<string | undefined>([
  'ConnectionClosed',
  'DatabaseNotReachable',
  'SocketTimeout',
  'TlsConnectionError',
])

/**
 * SQLSTATE classes and codes: connection, login, no such database, read-only, deadlock, out of resources,
 * lock, idle and statement timeouts, shutdown, the system underneath.
 */
const unavailableStates = /^(08|28|53|58|40001|40P01|25006|25P03|3D000|55P03|57014|57P0)/

/** The database cannot answer, but the same request may succeed later. */
export function isDatabaseUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  if (error instanceof DatabaseUnreachable) return true
  if (connectionMessages.has(error.message)) return true
  if (unavailableStates.test(sqlState(error) ?? '')) return true
  if (error instanceof Prisma.PrismaClientKnownRequestError) {
    // Errors of the socket that Prisma has no code for keep theirs: EPIPE, EHOSTUNREACH, ENOENT, …
    return (
      /^E[A-Z_]+$/.test(error.code) || prismaCodes.test(error.code) || unreachableKinds.has(driverCause(error)?.kind)
    )
  }
  const { syscall } = error as NodeJS.ErrnoException
  return syscall === 'connect' || syscall === 'getaddrinfo' || unreachableKinds.has(driverCause(error)?.kind)
}

interface DriverCause {
  kind?: string
  originalCode?: string
}

function sqlState(error: unknown): string | undefined {
  if (error instanceof pg.DatabaseError) return error.code
  return driverCause(error)?.originalCode
}

/** adapter-pg's description, which Prisma carries along; for raw queries it is the only one. */
function driverCause(error: unknown): DriverCause | undefined {
  // As transactions let it through when their connection is lost at the end.
  if (error instanceof Error && error.name === 'DriverAdapterError') return error.cause as DriverCause | undefined
  if (!(error instanceof Prisma.PrismaClientKnownRequestError)) return undefined
  const driverError = error.meta?.driverAdapterError
  return driverError instanceof Error ? (driverError.cause as DriverCause | undefined) : undefined
}
