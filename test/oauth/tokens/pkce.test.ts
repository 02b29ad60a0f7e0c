import { createHash } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type TestApp, testApp } from '../../support/app.ts'
import { emptyDatabase } from '../../support/database.ts'
import { aClient } from '../../support/factories.ts'
import { aCode, exchange, newPkce } from '../../support/oauth-flow.ts'

let pod: TestApp
beforeAll(async () => {
  pod = await testApp()
})
afterAll(() => pod.close())
beforeEach(() => emptyDatabase(pod.db))

const s256 = (verifier: string) => createHash('sha256').update(verifier).digest('base64url')

describe('PKCE at the token endpoint', () => {
  test('the verifier of the challenge opens the code (RFC 7636 §4.6)', async () => {
    const client = await aClient(pod.db)
    // RFC 7636 appendix B.
    const verifier = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk'
    const code = await aCode(pod, client, { challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM' })
    expect((await exchange(pod, client, code, { code_verifier: verifier })).statusCode).toBe(200)
  })

  test('it opens the code for a client without a secret (S25)', async () => {
    const client = await aClient(pod.db, { isPublic: true, origin: 'dynamic' })
    const { verifier, challenge } = newPkce()
    const code = await aCode(pod, client, { challenge })
    expect((await exchange(pod, client, code, { code_verifier: verifier })).statusCode).toBe(200)
  })

  test('the challenge itself is no verifier: plain is not accepted (S23)', async () => {
    const client = await aClient(pod.db)
    const { challenge } = newPkce()
    const answer = await exchange(pod, client, await aCode(pod, client, { challenge }), { code_verifier: challenge })
    expect(answer.json()).toMatchObject({ error: 'invalid_grant' })
  })

  test.each([
    ['shorter than 43 characters', 'a'.repeat(42)],
    ['longer than 128 characters', 'a'.repeat(129)],
    ['with characters that are not unreserved', `${'a'.repeat(42)}+`],
    ['with a line break', `${'a'.repeat(43)}\n`],
  ])('a verifier %s is refused even if it matches (RFC 7636 §4.1, S23)', async (_, verifier) => {
    const client = await aClient(pod.db)
    const code = await aCode(pod, client, { challenge: s256(verifier) })
    const answer = await exchange(pod, client, code, { code_verifier: verifier })
    expect(answer.statusCode).toBe(400)
    expect(answer.json()).toMatchObject({ error: 'invalid_grant' })
  })

  test.each([43, 128])('a verifier of %i characters is fine (RFC 7636 §4.1)', async (length) => {
    const client = await aClient(pod.db)
    const verifier = '-._~aZ09'.repeat(16).slice(0, length)
    const code = await aCode(pod, client, { challenge: s256(verifier) })
    expect((await exchange(pod, client, code, { code_verifier: verifier })).statusCode).toBe(200)
  })

  test('a verifier without a challenge before is refused (RFC 9700 §4.8.2, S24)', async () => {
    const client = await aClient(pod.db)
    const answer = await exchange(pod, client, await aCode(pod, client), { code_verifier: newPkce().verifier })
    expect(answer.statusCode).toBe(400)
    expect(answer.json()).toMatchObject({ error: 'invalid_grant' })
  })

  test.each([undefined, ''])(
    'a challenge without a verifier (%j) is refused, and the code stays (S24)',
    async (none) => {
      const client = await aClient(pod.db)
      const { verifier, challenge } = newPkce()
      const code = await aCode(pod, client, { challenge })
      const answer = await exchange(pod, client, code, { code_verifier: none })
      expect(answer.statusCode).toBe(400)
      expect(answer.json()).toEqual({ error: 'invalid_request', error_description: 'Code verifier required.' })
      expect((await exchange(pod, client, code, { code_verifier: verifier })).statusCode).toBe(200)
    },
  )

  test('a wrong verifier of the right client uses the code up (S26)', async () => {
    const client = await aClient(pod.db)
    const { verifier, challenge } = newPkce()
    const code = await aCode(pod, client, { challenge })
    const wrong = await exchange(pod, client, code, { code_verifier: newPkce().verifier })
    expect(wrong.json()).toMatchObject({ error: 'invalid_grant' })
    const right = await exchange(pod, client, code, { code_verifier: verifier })
    expect(right.json()).toMatchObject({ error: 'invalid_grant' })
  })

  test('a wrong verifier of another client uses nothing up (S22)', async () => {
    const client = await aClient(pod.db)
    const stranger = await aClient(pod.db)
    const { verifier, challenge } = newPkce()
    const code = await aCode(pod, client, { challenge })
    await exchange(pod, stranger, code, { code_verifier: newPkce().verifier })
    expect((await exchange(pod, client, code, { code_verifier: verifier })).statusCode).toBe(200)
  })
})
