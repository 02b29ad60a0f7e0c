import { openAsBlob } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import pg from 'pg'
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest'
import { listen } from '../../../src/db/embedded/postgres-socket.ts'
import { TurnQueue } from '../../../src/db/embedded/turn-queue.ts'
import { embeddedFolder, embeddedTemplate } from '../../support/embedded-template.ts'

let postgres: PGlite
let host: string

beforeAll(async () => {
  const template = await openAsBlob(await embeddedTemplate(), { type: 'application/gzip' })
  postgres = await PGlite.create({ loadDataDir: template })
})

afterAll(() => postgres.close())

beforeEach(async () => {
  host = (await embeddedFolder()).folder
  const socket = await listen(postgres, new TurnQueue(), join(host, '.s.PGSQL.5432'))
  onTestFinished(() => socket.close())
})

async function connected(): Promise<pg.Client> {
  const client = new pg.Client({ host, port: 5432, user: 'postgres', database: 'postgres' })
  client.on('error', () => {})
  await client.connect()
  onTestFinished(() => client.end())
  return client
}

async function ask(client: pg.Client, sql: string, values: unknown[] = []): Promise<unknown> {
  const { rows } = await client.query({ text: sql, values, rowMode: 'array' })
  return rows[0]?.[0]
}

test('connections never get the answers of others, even where a statement takes several packets', async () => {
  const clients = await Promise.all([connected(), connected(), connected()])
  const long = 'x'.repeat(300_000)
  const askAll = async (client: pg.Client, number: number) => {
    for (let times = 0; times < 50; times += 1) {
      const sql = `SELECT length($1::text) + ${number}`
      expect(await ask(client, sql, [long])).toBe(300_000 + number)
    }
  }
  await Promise.all(clients.map(askAll))
})

test('while one connection has a transaction open, the others wait', async () => {
  const [one, two] = [await connected(), await connected()]
  await one.query('CREATE TABLE waits (n int)')
  await one.query('BEGIN; INSERT INTO waits VALUES (1)')
  const order: string[] = []
  const counted = ask(two, 'SELECT count(*)::int FROM waits').then((count) => {
    order.push('counted')
    return count
  })
  await ask(one, 'SELECT 1')
  order.push('rolled back')
  await one.query('ROLLBACK')
  expect(await counted).toBe(0)
  expect(order).toEqual(['rolled back', 'counted'])
})

test('a connection lost in a transaction leaves nothing of it', async () => {
  const [one, two] = [await connected(), await connected()]
  await one.query('CREATE TABLE lost (n int)')
  await one.query('BEGIN; INSERT INTO lost VALUES (1)')
  const counted = ask(two, 'SELECT count(*)::int FROM lost')
  await one.end()
  expect(await counted).toBe(0)
})

test('a failed statement ends with its transaction only', async () => {
  const client = await connected()
  await expect(ask(client, 'SELECT $1::int', ['no number'])).rejects.toMatchObject({ code: '22P02' })
  expect(await ask(client, 'SELECT $1::int', [7])).toBe(7)
})

test('a notification reaches the connection that listens', async () => {
  const [one, two] = [await connected(), await connected()]
  const heard = new Promise((resolve) => two.on('notification', resolve))
  await two.query('LISTEN news')
  await one.query("SELECT pg_notify('news', 'whale ahead')")
  expect(await heard).toMatchObject({ channel: 'news', payload: 'whale ahead' })
})

test('after the last connection its settings and prepared statements are gone', async () => {
  const one = await connected()
  await one.query({ name: 'kept', text: 'SELECT 1' })
  await one.query("SET work_mem = '1MB'")
  await one.end()
  const two = await connected()
  expect(await ask(two, 'SELECT count(*)::int FROM pg_prepared_statements')).toBe(0)
  expect(await ask(two, 'SHOW work_mem')).toBe('4MB')
})

test('what is not PostgreSQL is hung up on, and the next is served', async () => {
  const socket = connect(join(host, '.s.PGSQL.5432'))
  const closed = new Promise((resolve) => socket.on('close', resolve))
  socket.write('GET / HTTP/1.1\r\n\r\n')
  await closed
  expect(await ask(await connected(), 'SELECT 1')).toBe(1)
})
