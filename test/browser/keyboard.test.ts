import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { password } from '../support/factories.ts'
import { exchange } from '../support/oauth-flow.ts'
import { answerAt, openStage, type Stage, state, type Visit } from '../support/stage.ts'

let stage: Stage
beforeAll(async () => {
  stage = await openStage()
})
afterAll(() => stage?.close())

/** Who or what has the focus, as a screen reader would say. */
const focused = (page: Page) =>
  page.evaluate<string>(`(() => {
    const { tagName, textContent, labels, value, type } = document.activeElement
    const name = labels?.length ? labels[0].textContent : textContent
    return [type || tagName.toLowerCase(), name.trim(), type === 'checkbox' ? value : ''].join(' ').trim()
  })()`)

async function tabTo(page: Page, wanted: string): Promise<string[]> {
  const passed: string[] = []
  for (let presses = 0; presses < 60; presses++) {
    const here = await focused(page)
    passed.push(here)
    if (here === wanted) return passed
    await page.keyboard.press('Tab')
  }
  return expect.fail(`${wanted} is not reached: ${passed.join(', ')}`)
}

/** Types name and password where the focus is, and presses Enter. */
async function logInByKeyboard({ page, user }: Visit): Promise<void> {
  await expect.poll(() => focused(page)).toMatch(/^text Username/)
  await page.keyboard.type(user.username)
  await page.keyboard.press('Tab')
  await page.keyboard.type(password)
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Let Tempo use your account?' }).waitFor()
}

describe.each([
  ['with JavaScript', true],
  ['without JavaScript', false],
])('%s, by keyboard alone', (_name, javaScriptEnabled) => {
  test('the way leads from the login, where the focus is in the first field, to Allow', async () => {
    const visit = await stage.arrive(undefined, { javaScriptEnabled })
    const { page, client } = visit
    await logInByKeyboard(visit)
    await tabTo(page, 'checkbox See your profile, e-mail address and settings read:profile')
    await page.keyboard.press('Space')
    await tabTo(page, 'submit Allow')
    await page.keyboard.press('Enter')
    const answer = await answerAt(stage, page)
    expect(answer.state).toBe(state)
    const scopes = (await exchange(stage.pod, client, answer.code ?? '')).json().scope.split(' ')
    expect(scopes).not.toContain('read:profile')
    expect(scopes).toContain('read:radios')
  })

  test('Space on Deny denies', async () => {
    const visit = await stage.arrive(undefined, { javaScriptEnabled })
    await logInByKeyboard(visit)
    await tabTo(visit.page, 'submit Deny')
    await visit.page.keyboard.press('Space')
    expect((await answerAt(stage, visit.page)).error).toBe('access_denied')
  })

  test('Enter on a box never allows', async () => {
    const visit = await stage.arrive(undefined, { javaScriptEnabled })
    const { page } = visit
    await logInByKeyboard(visit)
    const address = page.url()
    await tabTo(page, 'checkbox See your profile, e-mail address and settings read:profile')
    await page.keyboard.press('Enter')
    if (!javaScriptEnabled) return expect((await answerAt(stage, page)).error).toBe('access_denied')
    await page.waitForTimeout(300)
    expect(page.url()).toBe(address)
  })
})

test('the order is that of reading: skip link, pod, who is logged in, permissions, Deny, Allow', async () => {
  const visit = await stage.arrive()
  await logInByKeyboard(visit)
  await visit.page.keyboard.press('Tab')
  const passed = await tabTo(visit.page, 'submit Allow')
  const boxes = passed.filter((here) => here.startsWith('checkbox'))
  expect(passed).toEqual([
    'a Skip to content',
    expect.stringMatching(/^a 127\.0\.0\.1:/),
    'submit Not you?',
    ...boxes,
    'submit Deny',
    'submit Allow',
  ])
  expect(boxes.length).toBe(await visit.page.getByRole('checkbox').count())
})

test('the skip link leads past the header, and what has the focus can be seen', async () => {
  const visit = await stage.arrive()
  const { page } = visit
  await logInByKeyboard(visit)
  await page.keyboard.press('Tab')
  const skip = page.getByRole('link', { name: 'Skip to content' })
  expect((await skip.boundingBox())?.height).toBeGreaterThan(20)
  await page.keyboard.press('Enter')
  await page.keyboard.press('Tab')
  expect(await focused(page)).toBe('submit Not you?')
  for (let presses = 0; presses < 5; presses++) {
    const outline = await page.evaluate('getComputedStyle(document.activeElement).outline')
    expect(outline).toMatch(/solid [2-9]px/)
    await page.keyboard.press('Tab')
  }
})
