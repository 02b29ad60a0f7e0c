import { afterAll, beforeAll, expect, test } from 'vitest'
import { type TestApp, testApp } from '../../support/app.ts'
import { send } from '../../support/requests.ts'

let pod: TestApp
beforeAll(async () => {
  pod = await testApp()
})
afterAll(() => pod.close())

test.each(['', '/files/oauth2-redirect.html'])(
  'the explorer runs nothing inline and is kept by nobody: /api/docs%s (S69)',
  async (path) => {
    const { headers } = await send(pod, 'GET', `/api/docs${path}`)
    const policy = String(headers['content-security-policy'])
    const nothing = ['default-src', 'object-src', 'base-uri', 'frame-ancestors'].map((name) => `${name} 'none'`)
    expect(policy.split('; ')).toEqual(expect.arrayContaining(nothing))
    expect(policy).not.toMatch(/unsafe|\*|https?:/)
    expect(headers['cache-control']).toContain('no-store')
  },
)
