import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { freePort } from '../support/app.ts'
import { emptyDatabase } from '../support/database.ts'
import { aUser, password } from '../support/factories.ts'
import { openStage, press, type Stage } from '../support/stage.ts'

let stage: Stage
beforeAll(async () => {
  stage = await openStage()
  await emptyDatabase(stage.pod.db)
})
afterAll(() => stage?.close())

async function serveExample(): Promise<string> {
  const port = await freePort()
  const child = spawn(process.execPath, ['examples/single-page-app/serve.mjs', String(port)])
  onTestFinished(() => void child.kill())
  await once(child.stdout, 'data')
  return `http://127.0.0.1:${port}/`
}

test('examples/single-page-app signs in and out, and leaves no code in the address', async () => {
  const user = await aUser(stage.pod.db)
  const home = await serveExample()
  const context = await stage.chromium.newContext()
  onTestFinished(() => context.close())
  const page = await context.newPage()
  page.setDefaultTimeout(20_000)
  await page.goto(home)
  await page.getByLabel('Your pod').fill(stage.pod.url)
  await press(page, 'Sign in')
  await page.getByLabel('Username or e-mail address').fill(user.username)
  await page.getByLabel('Password').fill(password)
  await press(page, 'Log in')
  await press(page, 'Allow')
  await page.getByText(`Hello ${user.username}`).waitFor()
  expect(page.url()).toBe(home)
  await press(page, 'Sign out')
  await page.getByLabel('Your pod').waitFor()
  expect(await page.getByRole('alert').textContent()).toBe('')

  await page.getByLabel('Your pod').fill(stage.pod.url)
  await press(page, 'Sign in')
  await press(page, 'Deny')
  await page.getByRole('alert').filter({ hasText: /\S/ }).waitFor()
  expect(await page.getByText('Hello').isVisible()).toBe(false)
})
