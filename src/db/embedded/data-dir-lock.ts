import { closeSync, ftruncateSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { tryLock } from 'fs-native-extensions'

export interface DataDirLock {
  /** Once or more. */
  release(): void
}

/** Somebody else has the folder: two pods on one folder would lose data. */
export class DataDirInUse extends Error {
  override name = 'DataDirInUse'
  readonly pid: number | undefined

  constructor(dataDir: string, holder: { pid?: number; purpose: string }) {
    const process = holder.pid === undefined ? '' : ` (process ${holder.pid})`
    super(`another ${holder.purpose}${process} is using ${dataDir}; end it first, or set DATA_DIR to another folder`)
    this.pid = holder.pid
  }
}

export class DataDirNotWritable extends Error {
  override name = 'DataDirNotWritable'

  constructor(dataDir: string, cause: NodeJS.ErrnoException) {
    super(`cannot write to the data folder ${dataDir} (${cause.code}); check its owner, or set DATA_DIR`, { cause })
  }
}

/**
 * Makes `dataDir` if need be and takes it for this process, until released or the process ends, however it ends.
 * `purpose` is one word or two that tell others who has it, like `pod`.
 * @throws DataDirInUse, DataDirNotWritable
 */
export function lockDataDir(dataDir: string, purpose: string): DataDirLock {
  const fd = openLockFile(dataDir)
  if (!tryLock(fd)) {
    const holder = readHolder(fd)
    closeSync(fd)
    throw new DataDirInUse(dataDir, holder)
  }
  ftruncateSync(fd)
  writeSync(fd, `${process.pid} ${purpose}\n`, 0)
  let isHeld = true
  return {
    release: () => {
      if (isHeld) closeSync(fd)
      isHeld = false
    },
  }
}

function openLockFile(dataDir: string): number {
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 })
    return openSync(join(dataDir, 'pod.lock'), 'a+', 0o600)
  } catch (error) {
    throw new DataDirNotWritable(dataDir, error as NodeJS.ErrnoException)
  }
}

function readHolder(fd: number): { pid?: number; purpose: string } {
  const [, pid, purpose] = /^(\d+) (.+)/.exec(readFileSync(fd, 'utf8')) ?? []
  return pid === undefined || purpose === undefined ? { purpose: 'process' } : { pid: Number(pid), purpose }
}
