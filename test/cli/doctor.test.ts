import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { checkDatabase, judgeClock } from '../../src/cli/doctor/database-checks.ts'
import { checkMail, checkPublicUrl, judgeProxy } from '../../src/cli/doctor/network-checks.ts'
import {
  checkDataDir,
  checkEnvFile,
  checkFfmpeg,
  checkNode,
  checkPasswordHashing,
  checkUser,
  judgeSpace,
} from '../../src/cli/doctor/system-checks.ts'
import { readConfig } from '../../src/config.ts'
import { listeningApp } from '../support/app.ts'
import { testDatabaseLocation } from '../support/database.ts'

const location = await testDatabaseLocation()

function aFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'baleen-doctor-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

describe('the machine', () => {
  test('an old Node.js and root are warned of', () => {
    expect([checkNode('20.19.0').status, checkNode('24.1.0').status]).toEqual(['warning', 'ok'])
    expect([checkUser(0).status, checkUser(1000).status]).toEqual(['warning', 'ok'])
  })

  test('a data folder that others may read is warned of, and one that cannot be written to is a problem', async () => {
    const dataDir = aFolder()
    expect((await checkDataDir({ dataDir })).status).toBe('ok')
    chmodSync(dataDir, 0o755)
    expect(await checkDataDir({ dataDir })).toMatchObject({ status: 'warning', fix: `chmod 700 ${dataDir}` })
    if (process.getuid?.() === 0) return
    chmodSync(dataDir, 0o500)
    expect((await checkDataDir({ dataDir })).status).toBe('problem')
  })

  test('an .env that everybody may read is warned of', async () => {
    const file = join(aFolder(), '.env')
    expect(await checkEnvFile(file)).toBeUndefined()
    writeFileSync(file, '', { mode: 0o644 })
    expect((await checkEnvFile(file))?.status).toBe('warning')
    chmodSync(file, 0o600)
    expect((await checkEnvFile(file))?.status).toBe('ok')
  })

  test('a disk that fills up is warned of before it is a problem', () => {
    expect([10_000, 1_000, 100].map((free) => judgeSpace(free).status)).toEqual(['ok', 'warning', 'problem'])
  })

  test('a missing ffmpeg is warned of', async () => {
    expect((await checkFfmpeg({ ffmpegPath: '/nowhere/ffmpeg' })).status).toBe('warning')
  })

  test('how long a password takes is said', async () => {
    expect((await checkPasswordHashing()).says).toMatch(/a password takes \d+ ms/)
  })
})

describe('the database', () => {
  const config = { ...readConfig({}), databaseUrl: 'url' in location ? location.url : undefined }

  test.skipIf(!('url' in location))('one that is fine is said to be so', async () => {
    const findings = await checkDatabase(config)
    const statuses = Object.fromEntries(findings.map(({ check, status }) => [check, status]))
    expect(statuses).toMatchObject({ clock: 'ok', migrations: 'ok' })
  })

  test('one that is away is a problem, without its password', async () => {
    const databaseUrl = 'postgresql://baleen:hunter22@127.0.0.1:1/baleen'
    const [finding, ...more] = await checkDatabase({ ...config, databaseUrl })
    expect(more).toEqual([])
    expect(finding).toMatchObject({
      check: 'database',
      status: 'problem',
      fix: expect.stringContaining('DATABASE_URL'),
    })
    expect(JSON.stringify(finding)).not.toContain('hunter22')
  })

  test('a clock that is off by more than seconds is warned of, either way', () => {
    expect([0, 4_000, 60_000, -60_000].map((ahead) => judgeClock('it', ahead).status)).toEqual([
      'ok',
      'ok',
      'warning',
      'warning',
    ])
  })
})

describe('the way to the pod', () => {
  test('a pod behind its public URL is found', async () => {
    const pod = await listeningApp()
    onTestFinished(() => pod.close())
    const findings = await checkPublicUrl({ publicUrl: pod.url, trustedProxies: [] })
    expect(findings.map(({ check, status }) => [check, status])).toEqual([
      ['public URL', 'ok'],
      ['clock', 'ok'],
      ['proxy', 'ok'],
    ])
    const other = await checkPublicUrl({ publicUrl: pod.url.replace('127.0.0.1', 'localhost'), trustedProxies: [] })
    expect(other.map(({ status }) => status)).toEqual(['problem'])
  })

  test('nothing behind the public URL is warned of', async () => {
    const findings = await checkPublicUrl({ publicUrl: 'http://127.0.0.1:1', trustedProxies: [] })
    expect(findings).toMatchObject([{ check: 'public URL', status: 'warning' }])
  })

  test('a proxy that is not trusted, or hides people, is pointed out', () => {
    const judge = (trustedProxies: string[], address: string, isPublic = true) =>
      judgeProxy({ isPublic, trustedProxies, address }).status
    expect(judge([], '127.0.0.1', false)).toBe('ok')
    expect(judge([], '203.0.113.9')).toBe('problem')
    for (const local of ['127.0.0.1', '10.1.2.3', '172.17.0.1', '192.168.1.1', '::1', 'fd00:1::/64']) {
      expect(judge(['127.0.0.1'], local)).toBe('warning')
    }
    for (const far of ['203.0.113.9', '2001:db8:1::/64', '172.32.0.1']) expect(judge(['127.0.0.1'], far)).toBe('ok')
  })

  test('without a mail server a warning, with one that is away a problem, without its password', async () => {
    expect((await checkMail({ smtpUrl: undefined })).status).toBe('warning')
    const finding = await checkMail({ smtpUrl: 'smtp://pod:hunter22@127.0.0.1:1' })
    expect(finding.status).toBe('problem')
    expect(JSON.stringify(finding)).not.toContain('hunter22')
  })
})
