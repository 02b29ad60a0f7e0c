import type { Database, DatabaseClient } from './database.ts'
import type { DirectStatements, Parameter } from './direct.ts'
import type { Prisma } from './generated/client.ts'

type Tag<Result> = (strings: TemplateStringsArray, ...values: Parameter[]) => Promise<Result>

/**
 * The rows that a statement returns, for those that every request for a token waits for: like `$queryRaw`, but without
 * what Prisma does with values on their way there and back. Inside of a transaction it is one of its statements.
 */
export function query<Row>(db: Database): Tag<Row[]> {
  const direct = directWayOf(db)
  if (direct === undefined) return (strings, ...values) => db.$queryRaw<Row[]>(strings, ...values)
  return async (strings, ...values) => (await direct.send(strings, values)).rows as Row[]
}

/** The rows of a statement that is put together from parts, in the same way. */
export async function select<Row>(db: Database, statement: Prisma.Sql): Promise<Row[]> {
  const direct = directWayOf(db)
  if (direct === undefined) return db.$queryRaw<Row[]>(statement)
  return (await direct.sendWhole(statement)).rows as Row[]
}

/** How many rows a statement has written, in the same way. */
export function execute(db: Database): Tag<number> {
  const direct = directWayOf(db)
  if (direct === undefined) return (strings, ...values) => db.$executeRaw(strings, ...values)
  return async (strings, ...values) => (await direct.send(strings, values)).rowCount ?? 0
}

/** A transaction has everything that its client has, so only the client itself may go this way. */
function directWayOf(db: Database): DirectStatements | undefined {
  const { direct } = db as Partial<DatabaseClient>
  return direct?.client === db ? direct.statements : undefined
}
