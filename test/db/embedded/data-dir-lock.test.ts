import { statSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { DataDirInUse, DataDirNotWritable, lockDataDir } from '../../../src/db/embedded/data-dir-lock.ts'

async function aFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'baleen-test-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

test('a data folder that does not exist is made, for its owner only', async () => {
  const dataDir = join(await aFolder(), 'deep', 'data')
  lockDataDir(dataDir, 'pod').release()
  expect(statSync(dataDir).mode & 0o777).toBe(0o700)
})

test('a second holder is told who has the folder', async () => {
  const dataDir = join(await aFolder(), 'data')
  const lock = lockDataDir(dataDir, 'pod')
  onTestFinished(() => lock.release())
  const again = () => lockDataDir(dataDir, 'command')
  expect(again).toThrow(DataDirInUse)
  expect(again).toThrow(`another pod (process ${process.pid}) is using ${dataDir}`)
})

test('a released folder can be taken again', async () => {
  const dataDir = join(await aFolder(), 'data')
  const lock = lockDataDir(dataDir, 'pod')
  lock.release()
  lock.release()
  lockDataDir(dataDir, 'pod').release()
})

test('a folder that cannot be written to is named, and the way out', async () => {
  const file = join(await aFolder(), 'file')
  writeFileSync(file, '')
  const lock = () => lockDataDir(join(file, 'data'), 'pod')
  expect(lock).toThrow(DataDirNotWritable)
  expect(lock).toThrow(/cannot write to the data folder .*data \(ENOTDIR\); .* set DATA_DIR/)
})
