import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Command } from 'commander'
import { createUser } from '../../accounts/users.ts'
import { createLibrary } from '../../api/libraries/libraries.ts'
import { importFolder } from '../../api/uploads/import/import-folder.ts'
import type { Config } from '../../config.ts'
import type { DatabaseClient } from '../../db/database.ts'
import type { Library, User } from '../../db/generated/client.ts'
import { createPasswordHasher } from '../../lib/password-hasher.ts'
import { withWorkers } from '../import.ts'
import { type ProgressBar, progressBar } from '../progress-bar.ts'
import { say, type Terminal } from '../terminal.ts'
import { type DemoUser, demoUsers } from './catalogue.ts'
import { useMusic } from './listeners.ts'
import { type DemoSong, recordSong, songsOf } from './songs.ts'

export function addDemoDataCommand(program: Command, terminal: Terminal): void {
  program
    .command('demo-data')
    .description('fill the pod with users, music, playlists and a history to try things out; not for a pod with people')
    .option(
      '--password <password>',
      'of the accounts that are made; better: set BALEEN_PASSWORD. Default: one is made up',
    )
    .action(async ({ password = terminal.env.BALEEN_PASSWORD }: { password?: string }) => {
      const config = terminal.config()
      await terminal.withDatabase((db) =>
        makeDemoData({ db, config }, password ?? randomBytes(12).toString('base64url')),
      )
    })
}

interface Pod {
  db: DatabaseClient
  config: Config
}

/** Can be done again: what is there already stays as it is. */
async function makeDemoData({ db, config }: Pod, password: string): Promise<void> {
  const accounts = await makeAccounts({ db, config }, password)
  const missing = await Promise.all(accounts.map((account) => missingSongs(db, account)))
  const bar = progressBar()
  try {
    await recordAndImport(
      { db, config },
      accounts.map((account, n) => ({ ...account, songs: missing[n] ?? [] })),
      bar,
    )
  } finally {
    bar.end()
  }
  for (const { user, demo } of accounts) await useMusic(db, user, demo)
  const [users, tracks] = [accounts.map(({ user }) => user.username), missing.flat().length]
  say(`${users.join(', ')} have libraries, playlists and a history; ${tracks} tracks were made.`)
  const made = accounts.filter(({ isNew }) => isNew).map(({ user }) => user.username)
  if (made.length > 0) say(`Log in as ${made.join(', ')} with the password ${password}`)
}

interface Account {
  user: User
  library: Library
  demo: DemoUser
  isNew: boolean
}

async function makeAccounts({ db, config }: Pod, password: string): Promise<Account[]> {
  const hasher = createPasswordHasher()
  const accounts: Account[] = []
  for (const demo of demoUsers) {
    const { username, library } = demo
    const there = await db.user.findUnique({ where: { usernameKey: username } })
    const given = { username, email: `${username}@example.org`, password }
    const user = there ?? (await createUser(db, hasher, given, config))
    const known = await db.library.findFirst({ where: { ownerId: user.id, name: library.name } })
    accounts.push({ user, demo, library: known ?? (await createLibrary(db, user.id, library)), isNew: there === null })
  }
  return accounts
}

async function missingSongs(db: DatabaseClient, { demo, library }: Account): Promise<DemoSong[]> {
  const uploads = await db.upload.findMany({
    where: { libraryId: library.id, importStatus: { in: ['finished', 'skipped'] } },
    select: { source: true },
  })
  const sources = new Set(uploads.map(({ source }) => source))
  return songsOf(demo.albums).filter(({ name }) => !sources.has(`upload://${name}`))
}

async function recordAndImport(
  pod: Pod,
  accounts: readonly (Account & { songs: DemoSong[] })[],
  bar: ProgressBar,
): Promise<void> {
  const total = accounts.reduce((sum, { songs }) => sum + songs.length, 0)
  if (total === 0) return
  const folder = await mkdtemp(join(tmpdir(), 'baleen-demo-'))
  try {
    await withWorkers(pod, async (services) => {
      let done = 0
      for (const { songs, library } of accounts) {
        for (const song of songs) {
          bar.show(done, total, song.title)
          const files = [await recordSong(folder, song)]
          const { failed } = await importFolder(services, { library, files }, () => undefined)
          if (failed[0] !== undefined) throw new Error(`${failed[0].file}: ${failed[0].reason}`)
          done += 1
          bar.show(done, total, song.title)
        }
      }
    })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
