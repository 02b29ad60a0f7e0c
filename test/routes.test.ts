import Fastify from 'fastify'
import { expect, test } from 'vitest'
import { routeRules } from '../src/access/route-rules.ts'
import { allRoutes, type Route } from './support/routes.ts'

/** As routes.txt has it. */
function describeAccess({ access, csrf }: Route['config']): string {
  const rule =
    typeof access === 'object' ? `${access.scope}${access.anonymous === 'setting' ? ' or open pod' : ''}` : access
  return `${rule}${csrf === true ? ' +csrf' : ''}`
}

test('who may call which route, and what it counts as, is as reviewed: `vitest -u` rewrites routes.txt', async () => {
  const routes = (await allRoutes()).filter(({ method }) => method !== 'HEAD')
  const rows = routes
    .map((route) => [route.url, route.method, describeAccess(route.config), route.config.throttle])
    .sort((a, b) => `${a[0]} ${a[1]}`.localeCompare(`${b[0]} ${b[1]}`, 'en'))
    .map(([url = '', method = '', access = '', bucket = '']) => {
      return `${method.padEnd(7)} ${url.padEnd(50)} ${access.padEnd(24)} ${bucket}`
    })
  await expect(`${rows.join('\n')}\n`).toMatchFileSnapshot('routes.txt')
})

test('every GET has its HEAD, under the same rules (S41)', async () => {
  const routes = await allRoutes()
  const of = (method: string) =>
    routes
      .filter((route) => route.method === method)
      .map(({ url, config: { access, throttle } }) => ({ url, access, throttle }))
  expect(of('HEAD')).toEqual(of('GET'))
})

test.each([
  ['access', { throttle: 'list' }],
  ['throttle', { access: 'public' }],
  ['both', undefined],
] as const)('a route that does not declare %s stops the server at start (S43)', async (_, config) => {
  const app = Fastify()
  await app.register(routeRules)
  expect(() => app.get('/forgotten', { ...(config && { config }) }, async () => '')).toThrow(
    'GET /forgotten must declare',
  )
})
