import { expect, test, vi } from 'vitest'
import { toProblem } from '../../src/http/problems.ts'

const log = { error: vi.fn(), debug: vi.fn(), warn: vi.fn() } as never

test('a disk that takes nothing more is trouble of the moment, told with a time to come back (S85)', () => {
  for (const code of ['ENOSPC', 'EDQUOT', 'EROFS']) {
    const problem = toProblem(Object.assign(new Error(`${code}: write`), { code }), log)
    expect([problem?.status, problem?.headers['retry-after']]).toEqual([503, '5'])
  }
  expect(toProblem(Object.assign(new Error('no'), { code: 'EACCES' }), log)).toBeUndefined()
})
