import { randomBytes } from 'node:crypto'
import type { Database } from './database.ts'

const names = ['csrf', 'listen', 'login'] as const

export type PodSecrets = Record<(typeof names)[number], Uint8Array>

/** What must be secret and lasting: made on first start, the same for all pods on one database. */
export async function loadPodSecrets(db: Database): Promise<PodSecrets> {
  await db.podSecret.createMany({
    data: names.map((name) => ({ name, value: Uint8Array.from(randomBytes(32)), createdAt: new Date() })),
    skipDuplicates: true,
  })
  const rows = await db.podSecret.findMany()
  const secretOf = (wanted: string): Uint8Array => {
    const row = rows.find(({ name }) => name === wanted)
    if (row === undefined) throw new Error(`The pod secret ${wanted} is missing`)
    return row.value
  }
  return { csrf: secretOf('csrf'), listen: secretOf('listen'), login: secretOf('login') }
}
