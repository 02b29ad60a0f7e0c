import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, realpath, rm, rmdir, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'

const port = 5432

/** The name PostgreSQL's clients look for, given the folder as host. */
const socketName = `.s.PGSQL.${port}`

/** The kernel takes 107 bytes on Linux, 103 on macOS. */
const longestSocketPath = 103

export interface EmbeddedConnection {
  host: string
  port: number
  user: string
  database: string
}

/** Makes a folder for the socket that only this user may enter; `<dataDir>/socket` is it or leads there. */
export async function makeSocketFolder(dataDir: string): Promise<EmbeddedConnection> {
  await removeSocketFolder(dataDir)
  const folder = join(dataDir, 'socket')
  if (Buffer.byteLength(join(folder, socketName)) <= longestSocketPath) {
    await mkdir(folder, { mode: 0o700 })
    return connectionAt(folder)
  }
  const elsewhere = await mkdtemp(join(tmpdir(), 'baleen-'))
  await symlink(elsewhere, folder)
  return connectionAt(elsewhere)
}

/** Also after a process that was killed. Removes nothing that it does not know. */
export async function removeSocketFolder(dataDir: string): Promise<void> {
  const folder = join(dataDir, 'socket')
  const target = await realpath(folder).catch(() => undefined)
  if (target !== undefined) {
    await rm(join(target, socketName), { force: true })
    await rmdir(target)
  }
  await rm(folder, { force: true })
}

export function socketPath(connection: EmbeddedConnection): string {
  return join(connection.host, socketName)
}

/**
 * How to reach the embedded database that another process has open on `dataDir`. Waits some seconds for it to be up.
 */
export async function embeddedConnection(dataDir: string): Promise<EmbeddedConnection> {
  for (let tries = 0; tries < 100; tries += 1) {
    const folder = await realpath(join(dataDir, 'socket')).catch(() => undefined)
    if (folder !== undefined && existsSync(join(folder, socketName))) return connectionAt(folder)
    await setTimeout(100)
  }
  throw new Error(`whoever is using ${dataDir} has no database open there`)
}

function connectionAt(folder: string): EmbeddedConnection {
  return { host: folder, port, user: 'postgres', database: 'postgres' }
}
