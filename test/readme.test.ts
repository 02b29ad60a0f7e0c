import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { listeningApp } from './support/app.ts'
import { emptyDatabase } from './support/database.ts'
import { aUser, password } from './support/factories.ts'

const hasPrograms = spawnSync('bash', ['-c', 'type curl openssl']).status === 0

let pod: Awaited<ReturnType<typeof listeningApp>>

beforeAll(async () => {
  pod = await listeningApp()
  await emptyDatabase(pod.db)
  await aUser(pod.db, { username: 'alice' })
})
afterAll(() => pod.close())

/** What README says to type, as one script, except for the account. */
function commands(): string {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  const section = readme.split('## Five minutes with curl')[1]?.split('\n## ')[0] ?? ''
  const blocks = [...section.matchAll(/```sh\n(.*?)```/gs)].map(([, block = '']) => block)
  return blocks.filter((block) => !block.startsWith('npm ')).join('\n')
}

/** What README says to do in the browser; returns the code that the page shows. */
async function allow(url: string): Promise<string> {
  const browser = pod.browser()
  const login = await browser.get(url.slice(pod.url.length))
  const consent = await browser.submit(login, '/login', { username: 'alice', password })
  const shown = await browser.submit(consent, '/authorize', { decision: 'allow' })
  return shown.html.querySelector('code')?.textContent ?? ''
}

test.runIf(hasPrograms)('the walk-through of README works as printed', async () => {
  const script = commands().replace('POD=http://127.0.0.1:5000', `POD=${pod.url}`)
  const shell = spawn('bash', ['-euc', script], { stdio: ['pipe', 'pipe', 'inherit'] })
  let printed = ''
  shell.stdout.on('data', async (chunk) => {
    printed += chunk
    const address = /^http\S+\/authorize\?\S+$/m.exec(String(chunk))?.[0]
    if (address !== undefined) shell.stdin.write(`${await allow(address)}\n`)
  })
  const [status] = await once(shell, 'close')
  expect(status).toBe(0)
  for (const answer of ['"client_secret":"bls_', '"access_token":"bla_', '"username":"alice"', '"active":true']) {
    expect(printed).toContain(answer)
  }
  expect(printed).toMatch(/"code":"invalid_token".*"issuer":"http/s)
})
