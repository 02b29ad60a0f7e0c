import { execFile } from 'node:child_process'
import { constants } from 'node:fs'
import { access, stat, statfs } from 'node:fs/promises'
import { resolve } from 'node:path'
import { promisify } from 'node:util'
import type { Config } from '../../config.ts'
import { createPasswordHasher } from '../../lib/password-hasher.ts'
import { type Finding, ok, problem, warning } from './finding.ts'

/** Beneath which a pod soon cannot write any more. */
const [scarceMb, mostlyGoneMb] = [2_000, 300]
const slowHashMs = 1_000

export function checkNode(version = process.versions.node): Finding {
  const major = Number(version.split('.')[0])
  if (major >= 22) return ok('node', `Node.js ${version}`)
  return warning('node', `Node.js ${version} gets no more security fixes`, 'Install Node.js 24.')
}

export function checkUser(uid = process.getuid?.()): Finding {
  if (uid !== 0) return ok('user', 'not root')
  return warning('user', 'this runs as root', 'Run the pod as a user of its own that owns DATA_DIR.')
}

/** That the pod can write there, and nobody else can read. */
export async function checkDataDir({ dataDir }: Pick<Config, 'dataDir'>): Promise<Finding> {
  const folder = resolve(dataDir)
  const facts = await stat(folder).catch(() => undefined)
  if (facts === undefined) return ok('data folder', `${folder} will be made when the pod starts`)
  const isWritable = await access(folder, constants.W_OK | constants.X_OK).then(
    () => true,
    () => false,
  )
  if (!isWritable)
    return problem('data folder', `${folder} cannot be written to`, `Give it to the pod: chown -R USER ${folder}`)
  if ((facts.mode & 0o077) === 0) return ok('data folder', folder)
  return warning('data folder', `other users of this machine may look into ${folder}`, `chmod 700 ${folder}`)
}

/** The file with passwords of the database and the mail server. */
export async function checkEnvFile(path = '.env'): Promise<Finding | undefined> {
  const facts = await stat(path).catch(() => undefined)
  if (facts === undefined) return undefined
  if ((facts.mode & 0o007) === 0) return ok('.env', 'read by its owner only')
  return warning('.env', 'every user of this machine may read it', `chmod 600 ${resolve(path)}`)
}

export async function checkDisk({ dataDir }: Pick<Config, 'dataDir'>): Promise<Finding> {
  const folder = await stat(dataDir).then(
    () => dataDir,
    () => '.',
  )
  const { bavail, bsize } = await statfs(folder)
  return judgeSpace(Math.floor((bavail * bsize) / 1_000_000))
}

export function judgeSpace(freeMb: number): Finding {
  const says = `${freeMb} MB free for DATA_DIR`
  const fix = 'Make room, or move DATA_DIR to a larger disk.'
  if (freeMb < mostlyGoneMb) return problem('disk', says, fix)
  return freeMb < scarceMb ? warning('disk', says, fix) : ok('disk', says)
}

/** The second, as the first also loads the library. */
export async function checkPasswordHashing(): Promise<Finding> {
  const { hash } = createPasswordHasher()
  await hash('the first')
  const since = performance.now()
  await hash('the second')
  const ms = Math.round(performance.now() - since)
  const says = `a password takes ${ms} ms to check`
  if (ms < slowHashMs) return ok('passwords', says)
  return warning('passwords', says, 'Logins will be slow and few at a time: give the pod more CPU.')
}

export async function checkFfmpeg({ ffmpegPath }: Pick<Config, 'ffmpegPath'>): Promise<Finding> {
  try {
    const { stdout } = await promisify(execFile)(ffmpegPath, ['-version'], { timeout: 10_000 })
    return ok('ffmpeg', stdout.split('\n', 1)[0]?.split(' Copyright')[0] ?? ffmpegPath)
  } catch {
    const fix = 'Install it (apt install ffmpeg), or set FFMPEG_PATH, for players that cannot play a file as it is.'
    return warning('ffmpeg', `there is no program ${ffmpegPath}`, fix)
  }
}
