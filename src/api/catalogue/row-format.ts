import { Prisma } from '../../db/generated/client.ts'

/** The SQL of each value of a row. */
export type Columns<Row> = { readonly [Name in keyof Row]-?: Prisma.Sql }

/** Rows come without the names of their values, which would be most of the JSON. */
export interface RowFormat<Row> {
  /** A row, as a list. */
  readonly sql: Prisma.Sql
  /** All rows of `tables`, as a list of lists. @param tables what follows FROM */
  listOf(tables: Prisma.Sql, orderBy?: Prisma.Sql): Prisma.Sql
  read(lists: readonly ListedRow[]): Row[]
}

/** A row as it comes. */
export type ListedRow = readonly unknown[]

export function rowFormat<Row extends object>(columns: Columns<Row>): RowFormat<Row> {
  const names = Object.keys(columns) as (keyof Row)[]
  const sql = Prisma.sql`json_build_array(${Prisma.join(names.map((name) => columns[name]))})`
  return {
    sql,
    listOf(tables, orderBy) {
      const order = orderBy === undefined ? Prisma.empty : Prisma.sql`ORDER BY ${orderBy}`
      return Prisma.sql`(SELECT coalesce(json_agg(${sql} ${order}), '[]') FROM ${tables})`
    },
    read: (lists) => lists.map((values) => readRow(names, values)),
  }
}

function readRow<Row extends object>(names: readonly (keyof Row)[], values: ListedRow): Row {
  const row: Partial<Record<keyof Row, unknown>> = {}
  names.forEach((name, index) => {
    row[name] = values[index]
  })
  return row as Row
}

/** The rows of a common table expression that has each as a list, called `listed`. */
export function listedIn(table: string): Prisma.Sql {
  return Prisma.raw(`(SELECT coalesce(json_agg(listed), '[]') FROM ${table})`)
}
