import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest'
import { freePort, listeningApp, type TestApp } from '../support/app.ts'
import type { Browser } from '../support/browser.ts'
import { emptyDatabase } from '../support/database.ts'
import { signedIn } from '../support/oauth-flow.ts'

let pod: TestApp & { url: string }
let browser: Browser
let username: string
beforeAll(async () => {
  pod = await listeningApp()
})
afterAll(() => pod.close())
beforeEach(async () => {
  await emptyDatabase(pod.db)
  const signedInUser = await signedIn(pod)
  browser = signedInUser.browser
  username = signedInUser.user.username
})

/** Runs an example; its lines come one by one. */
function run(file: string, ...given: string[]) {
  const child = spawn(process.execPath, [`examples/${file}`, pod.url, ...given], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill())
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return { child, line: async () => String((await lines.next()).value) }
}

async function exitCode(child: ChildProcess): Promise<number | null> {
  return child.exitCode ?? ((await once(child, 'exit'))[0] as number | null)
}

const pathOf = (address: string) => address.slice(pod.url.length)

/** Presses Allow on the consent page at this address; where the browser is sent. */
async function allow(address: string): Promise<string> {
  const consent = await browser.get(pathOf(address))
  const { url } = await browser.submit(consent, '/authorize', { decision: 'allow' })
  return url
}

test('examples/command-line.mjs signs in by the code it shows, renews its token and signs out', async () => {
  const { child, line } = run('command-line.mjs')
  const [, page = '', code = ''] = /^Open (\S+) and enter (\S+)$/.exec(await line()) ?? []
  const consent = await browser.submit(await browser.get(pathOf(page)), '/device', { user_code: code })
  await browser.submit(consent, '/device', { decision: 'allow' })
  expect(await line()).toBe(`Hello ${username}`)
  expect(await line()).toBe('You have 0 favorites')
  expect(await line()).toBe('Signed out')
  expect(await exitCode(child)).toBe(0)
})

/** A visitor of the web app, who keeps its cookie. */
function visitorOf(home: string) {
  let cookie = ''
  return async (path: string) => {
    const answer = await fetch(new URL(path, home), { redirect: 'manual', headers: { cookie } })
    cookie = answer.headers.get('set-cookie')?.split(';')[0] ?? cookie
    return { status: answer.status, location: answer.headers.get('location') ?? '', text: await answer.text() }
  }
}

test('examples/web-app.mjs signs in, acts for its user, signs out; a wrong state gets nothing', async () => {
  const port = await freePort()
  const { line } = run('web-app.mjs', String(port))
  const [, home = ''] = /^Open (\S+)$/.exec(await line()) ?? []
  const visit = visitorOf(home)
  expect((await visit('/')).text).toContain('Sign in')

  const callback = await allow((await visit('/login')).location)
  const forged = await visit(callback.replace(/state=[^&]+/, 'state=other'))
  expect(forged.status).toBe(400)
  expect((await visit(callback)).location).toBe('/')
  expect((await visit('/')).text).toContain(`Hello ${username}`)
  expect((await visit('/playlist')).text).toContain('Made by Tempo')
  expect(await pod.db.playlist.count()).toBe(1)

  await visit('/logout')
  expect((await visit('/')).text).toContain('Sign in')
})

test('examples/mobile-app.mjs signs in by a private-use address, and renews its token', async () => {
  const app = (await import('../../examples/mobile-app.mjs' as string)) as Record<
    string,
    (...given: unknown[]) => Promise<never>
  >
  const known: unknown = await app.findPod?.(pod.url)
  const started = (await app.startSignIn?.(known)) as unknown as { address: string }
  const opened = await allow(started.address)
  expect(opened).toMatch(/^org\.example\.tempo:\/signed-in\?/)
  const tokens = (await app.finishSignIn?.(known, started, opened)) as unknown as { refresh_token: string }
  const renewed = (await app.refresh?.(known, tokens.refresh_token)) as unknown as { access_token: string }
  const headers = { authorization: `Bearer ${renewed.access_token}` }
  const me = await fetch(`${pod.url}/api/v1/users/me`, { headers })
  expect(await me.json()).toMatchObject({ username })
})
