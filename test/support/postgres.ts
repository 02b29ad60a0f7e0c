import { spawn } from 'node:child_process'
import { accessSync, chownSync, constants, existsSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'

export interface PostgresCluster {
  url(database: string): string
  stop(): Promise<void>
}

/** A test cluster need not survive a power cut, and autovacuum would hold the template database open. */
const settings = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  autovacuum: 'off',
  jit: 'off',
  max_connections: '100',
  listen_addresses: '',
}

/** Keeps the cluster until its standard input ends, which happens however the test run ends. */
const keeper = `
  cd "$FOLDER" &&
  "$BIN/initdb" -D data -U postgres -A trust -E UTF8 --locale=C --no-sync >log 2>&1 &&
  "$BIN/pg_ctl" -D data -l log -s -w -o "$OPTIONS" start &&
  echo ready && cat >/dev/null || tail log >&2
  [ -f data/postmaster.pid ] && "$BIN/pg_ctl" -D data -s -m immediate stop
  cd / && rm -rf "$FOLDER"
`

/** A throwaway cluster on a unix socket, from the PostgreSQL of this machine. Undefined if there is none that starts. */
export async function startPostgres(): Promise<PostgresCluster | undefined> {
  const bin = findPostgres()
  const user = unprivilegedUser()
  if (bin === undefined || user === undefined) return undefined
  const folder = mkdtempSync(join(tmpdir(), 'baleen-test-'))
  if ('uid' in user) chownSync(folder, user.uid, user.gid)

  const options = Object.entries({ ...settings, unix_socket_directories: folder }).map(
    (entry) => `-c ${entry.join('=')}`,
  )
  const shell = spawn('/bin/sh', ['-c', keeper], {
    ...user,
    env: { PATH: process.env.PATH, FOLDER: folder, BIN: bin, OPTIONS: options.join(' ') },
    stdio: ['pipe', 'pipe', 'inherit'],
    // Ctrl-C is for the test run; the keeper ends after it.
    detached: true,
  })
  const ended = new Promise<false>((resolve) => shell.once('close', () => resolve(false)))
  const started = new Promise<true>((resolve) => shell.stdout.once('data', () => resolve(true)))
  if (!(await Promise.race([started, ended]))) return undefined
  return {
    url: (database) => `postgresql://postgres@localhost/${database}?host=${encodeURIComponent(folder)}`,
    stop: async () => {
      shell.stdin.end()
      await ended
    },
  }
}

function findPostgres(): string | undefined {
  const debian = '/usr/lib/postgresql'
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : []
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...versions.map((name) => join(debian, name, 'bin'))]
  return folders.find((folder) => ['initdb', 'pg_ctl', 'postgres'].every((name) => isExecutable(join(folder, name))))
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** PostgreSQL refuses to run as root. Undefined if there is nobody else to be. */
function unprivilegedUser(): { uid: number; gid: number } | Record<string, never> | undefined {
  if (process.getuid?.() !== 0) return {}
  const users = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
  const user = users.find(([name]) => name === 'postgres') ?? users.find(([name]) => name === 'nobody')
  return user && { uid: Number(user[2]), gid: Number(user[3]) }
}
