import { afterAll, beforeAll, expect, test } from 'vitest'
import { requestIds } from '../../src/http/request-ids.ts'
import { type TestApp, testApp } from '../support/app.ts'

let pod: TestApp

beforeAll(async () => {
  pod = await testApp()
})
afterAll(() => pod.close())

test('every answer names its request, errors too, no two alike', async () => {
  const urls = ['/', '/api/v1/instance/', '/nowhere', '/api/v1/users/me/', '/health/live']
  const answers = await Promise.all(urls.map((url) => pod.app.inject({ url })))
  const ids = answers.map(({ headers }) => headers['x-request-id'])
  expect(ids.every((id) => /^[\w-]{10,40}$/.test(String(id)))).toBe(true)
  expect(new Set(ids).size).toBe(urls.length)
})

test('the name that a proxy gave is kept, and nobody else may give one', () => {
  const given = { headers: { 'x-request-id': 'from-the-proxy' } }
  expect(requestIds({ fromProxy: true })(given)).toBe('from-the-proxy')
  expect(requestIds({ fromProxy: false })(given)).not.toBe('from-the-proxy')
})

test('what cannot be a name is none', () => {
  const name = requestIds({ fromProxy: true })
  for (const bad of ['', 'a b', 'a\u0000', '<script>', 'x'.repeat(101)]) {
    expect(name({ headers: { 'x-request-id': bad } })).toMatch(/^[\w-]+$/)
  }
})
