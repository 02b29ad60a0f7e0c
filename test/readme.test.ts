import { afterAll, beforeAll, expect, test } from 'vitest'
import { listeningApp } from './support/app.ts'
import { emptyDatabase } from './support/database.ts'
import { aUser, password } from './support/factories.ts'
import { commandsIn, hasPrograms, walkThrough } from './support/walk-through.ts'

let pod: Awaited<ReturnType<typeof listeningApp>>

beforeAll(async () => {
  pod = await listeningApp()
  await emptyDatabase(pod.db)
  await aUser(pod.db, { username: 'alice' })
})
afterAll(() => pod.close())

const onThisPod = (script: string) => script.replace('POD=http://127.0.0.1:5000', `POD=${pod.url}`)

/** What is said to do in the browser; gives the code that the page shows. */
async function allow(url: string): Promise<string> {
  const path = url.slice(pod.url.length)
  const browser = pod.browser()
  const login = await browser.get(path)
  const consent = await browser.submit(login, '/login', { username: 'alice', password })
  const shown = await browser.submit(consent, path.split('?')[0] ?? '', { decision: 'allow' })
  return shown.html.querySelector('code')?.textContent ?? ''
}

test.runIf(hasPrograms)('the walk-through of README works as printed', async () => {
  const printed = await walkThrough(onThisPod(commandsIn('README.md', 'Five minutes with curl')), allow)
  for (const answer of ['"client_secret":"bls_', '"access_token":"bla_', '"username":"alice"', '"active":true']) {
    expect(printed).toContain(answer)
  }
  expect(printed).toMatch(/"code":"invalid_token".*"issuer":"http/s)
})

test.runIf(hasPrograms)('the walk-through of docs/command-line.md works as printed', async () => {
  const printed = await walkThrough(onThisPod(commandsIn('docs/command-line.md')), allow)
  const [app, , token, account, ...rest] = printed.trim().split('\n')
  expect(app).toContain('"client_secret":"bls_')
  expect(JSON.parse(token ?? '')).toMatchObject({ token_type: 'Bearer', scope: 'read write' })
  expect(account).toMatch(/"username":"alice".*"source":.*\}\[\]\{"id":.*"email":"alice@example.org".*\}\{\}\{"error":/)
  expect(rest).toEqual([])
})
