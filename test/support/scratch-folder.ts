import { rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

let folder: string | undefined

/** A data folder for the pods of this test worker; gone when the worker ends. */
export function scratchFolder(): string {
  if (folder === undefined) {
    const path = join(tmpdir(), `baleen-test-data-${process.pid}`)
    process.once('exit', () => rmSync(path, { recursive: true, force: true }))
    folder = path
  }
  return folder
}
