import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, test } from 'vitest'
import { type TestApp, testApp } from '../support/app.ts'
import { Insider, named, namesIn, surroundingsOf } from '../support/every-route.ts'
import { allRoutes } from '../support/routes.ts'

// HEAD has the rules and the handler of its GET.
const routes = (await allRoutes()).filter(({ method }) => method !== 'HEAD')

let pod: TestApp
let insider: Insider
beforeAll(async () => {
  pod = await testApp()
  insider = new Insider(pod)
})
afterAll(() => pod.close())
beforeEach(() => insider.comeBack())

const queries = (all: string[]) => all.map((query) => ({ query }))

describe.each(named(routes))('%s', (_, route) => {
  test('refuses a query that is no UTF-8, no percent-encoding, or holds NUL (S61)', async () => {
    const texts = ['x=%', 'x=%f', 'x=%zz', 'x=%ff', 'x=%ed%a0%80', '%c0%80', 'name=%00', '%00=1', 'x=%1f', 'x=%7f']
    await insider.isRefused(route, 400, queries(texts))
  })

  test('survives operators, repetition and nonsense in the query (S62, S64, S66)', async () => {
    const names = namesIn(route, 'querystring')
    const each = (tail: string) => names.map((name) => `${name}${tail}`).join('&')
    const tails = ['[not]=', '[]=a', '=', '=a&', '=-1', '=1e999', `=${'9'.repeat(400)}`, `=${'x'.repeat(10_000)}`]
    const usual = [...tails.map(each), `${each('=1')}&${each('=2')}`]
    const prototypes = ['__proto__=1', '__proto__[a]=1', 'constructor=1']
    const nonsense = ['&&&', '=', '?', 'a'.repeat(10_000)]
    await insider.isRefused(route, undefined, queries([...usual, ...prototypes, ...nonsense]))
  })
})

const odd = ['%00', '%20', '%3f', '%1f', '%27%3b--', '%F0%9F%92%A9', '..%2f..', 'a%2fb', '*', '__proto__', ':client_id']
const strange = [...odd, '[object%20Object]', '-1', '0', '1e9', '9'.repeat(30), 'x'.repeat(100)]
const unroutable = ['%', '%ff', '%ed%a0%80', 'x'.repeat(5000)]

describe.each(named(routes.filter(({ url }) => url.includes(':'))))('%s', (_, route) => {
  test('survives anything in its path (S61, S66)', async () => {
    const segments = (all: string[]) => all.map((segment) => ({ segment }))
    await insider.isRefused(route, undefined, segments(strange))
    await insider.isRefused(route, 400, segments(unroutable), surroundingsOf(route.url))
  })
})

/** JSON with the things in it that break programs. */
const nasty = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('', ' ', '\0', '\ud800', '__proto__', '%00', '-1', '1e999', 'true', '../', "'", '<b>', 'read write'),
  fc.double(),
  fc.bigInt().map(Number),
  fc.jsonValue({ maxDepth: 3 }),
)

describe.each(named(routes.filter(({ method }) => method !== 'GET')))('%s', (_, route) => {
  const names = fc.constantFrom(...namesIn(route, 'body'))

  test('survives any JSON and any form (S61, S62)', async () => {
    const bodies = fc.dictionary(names, nasty)
    await fc.assert(
      fc.asyncProperty(bodies, fc.boolean(), async (body, asForm) => {
        const bad = asForm ? form(body) : { payload: JSON.stringify(body), type: 'application/json' }
        await insider.isRefused(route, undefined, [bad])
      }),
      { numRuns: 30 },
    )
  })
})

function form(body: Record<string, unknown>) {
  const pairs = Object.entries(body).flatMap(([name, value]) =>
    [value].flat().map((one) => [name, typeof one === 'string' ? one : JSON.stringify(one)]),
  )
  return { payload: new URLSearchParams(pairs).toString(), type: 'application/x-www-form-urlencoded' }
}
