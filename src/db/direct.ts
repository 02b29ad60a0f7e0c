import pg from 'pg'

/** What a statement is given. Its type in SQL follows from where it stands there. */
export type Parameter = string | number | bigint | boolean | Date | Uint8Array | readonly string[] | null

/** A statement put together from parts, as `Prisma.sql` does; `$1` stands for the first value. */
export interface Statement {
  readonly text: string
  readonly values: readonly unknown[]
}

export interface DirectResult {
  rows: unknown[]
  rowCount: number | null
}

/** No answer came, and not because of what was asked: the network is in the way. */
export class DatabaseUnreachable extends Error {}

/** Statements that go to node-postgres without Prisma, which takes several times as long for what they need. */
export class DirectStatements {
  readonly #pool: pg.Pool
  readonly #nameOf: (sql: string) => string
  /** By where they are written. */
  readonly #texts = new WeakMap<TemplateStringsArray, string>()

  /** @param nameOf is told of every statement that is sent */
  constructor(pool: pg.Pool, nameOf: (sql: string) => string) {
    this.#pool = pool
    this.#nameOf = nameOf
  }

  /** Rows hold what Prisma's raw queries give. @throws DatabaseUnreachable, or what node-postgres throws */
  async send(strings: TemplateStringsArray, values: readonly Parameter[]): Promise<DirectResult> {
    return this.sendWhole({ text: this.#textOf(strings), values })
  }

  /** The same for a statement whose text is not the same every time. */
  async sendWhole({ text, values }: Statement): Promise<DirectResult> {
    const name = this.#nameOf(text)
    try {
      return await this.#pool.query({ name, text, values: values as unknown[], types })
    } catch (error) {
      throw isOfNetwork(error) ? new DatabaseUnreachable(error.message, { cause: error }) : error
    }
  }

  /** Ends connections that Prisma has not ended with its own. */
  async close(): Promise<void> {
    if (!this.#pool.ending) await this.#pool.end()
  }

  #textOf(strings: TemplateStringsArray): string {
    const known = this.#texts.get(strings)
    if (known !== undefined) return known
    const text = strings.reduce((before, part, index) => `${before}$${index}${part}`)
    this.#texts.set(strings, text)
    return text
  }
}

const { INT8, BYTEA } = pg.types.builtins
const readBytes: (text: string) => Uint8Array = pg.types.getTypeParser(BYTEA)

const types: pg.CustomTypesConfig = {
  getTypeParser: (oid, format) => {
    if (oid === INT8) return BigInt
    if (oid === BYTEA) return (text: string) => Uint8Array.from(readBytes(text))
    return pg.types.getTypeParser(oid, format)
  },
}

/** Of the socket or TLS; the server's own errors are of another kind. */
function isOfNetwork(error: unknown): error is Error {
  return error instanceof Error && !(error instanceof pg.DatabaseError) && 'code' in error
}
