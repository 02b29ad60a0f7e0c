import { Validator } from '@seriousme/openapi-schema-validator'
import { beforeAll, expect, test } from 'vitest'
import { newSecret } from '../../../src/lib/secrets.ts'
import { type TestApp, testApp } from '../../support/app.ts'
import { allRoutes } from '../../support/routes.ts'

interface Operation {
  summary?: string
  operationId?: string
  'x-throttle-scope'?: string
  'x-scope'?: string
  security?: Record<string, string[]>[]
  responses: Record<string, unknown>
}

interface Description {
  openapi: string
  paths: Record<string, Record<string, Operation>>
  components: { schemas: Record<string, unknown> }
}

let pod: TestApp
let description: Description
beforeAll(async () => {
  pod = await testApp()
  const answer = await pod.app.inject({ url: '/api/openapi.json' })
  description = answer.json()
})

const operations = () =>
  Object.entries(description.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  )

test('the description is valid OpenAPI 3.1', async () => {
  const { valid, errors } = await new Validator().validate({ ...structuredClone(description) })
  expect(errors).toBeUndefined()
  expect(valid).toBe(true)
  expect(description.openapi).toMatch(/^3\.1\./)
})

test('YAML says the same as JSON', async () => {
  const { parse } = await import('yaml')
  const answer = await pod.app.inject({ url: '/api/openapi.yaml' })
  expect(answer.headers['content-type']).toContain('yaml')
  expect(parse(answer.body)).toEqual(description)
})

test('every route of the API and of OAuth is described, with its scope and its rate limit', async () => {
  const described = new Map(operations().map(({ path, method, operation }) => [`${method} ${path}`, operation]))
  const forPrograms = (await allRoutes()).filter(
    ({ url, method }) =>
      /^\/(api\/(?!docs)|oauth\/(?!authorize)|\.well-known\/)/.test(url) &&
      !url.startsWith('/api/v1/users/users/') &&
      method !== 'HEAD',
  )
  expect(forPrograms.length).toBeGreaterThan(60)
  for (const { method, url, config } of forPrograms) {
    const name = `${method} ${url.replace(/:(\w+)/g, '{$1}')}`
    const operation = described.get(name)
    expect(operation, name).toBeDefined()
    expect(operation?.['x-throttle-scope'], name).toBe(config.throttle)
    if (typeof config.access === 'object') expect(operation?.['x-scope'], name).toBe(config.access.scope)
  }
})

test('every operation has a summary, an id of its own, and says how it refuses', () => {
  const ids = operations().map(({ operation }) => operation.operationId)
  expect(new Set(ids).size).toBe(ids.length)
  for (const { path, operation } of operations()) {
    expect(operation.summary, path).toMatch(/\S/)
    expect(Object.keys(operation.responses), path).toContain('429')
  }
})

test('everything that is referred to is there', () => {
  const text = JSON.stringify(description)
  const names = [...text.matchAll(/"#\/components\/schemas\/([^"]+)"/g)].map(([, name]) => name as string)
  expect(names.length).toBeGreaterThan(10)
  for (const name of new Set(names)) expect(description.components.schemas, name).toHaveProperty([name])
  expect(text).not.toContain('#/$defs/')
})

test('a field that takes a file is described as one', () => {
  for (const [path, field] of [
    ['/api/v1/uploads', 'audio_file'],
    ['/api/v1/attachments', 'file'],
  ] as const) {
    expect(description.paths[path]?.post, path).toMatchObject({
      requestBody: {
        content: {
          'multipart/form-data': {
            schema: { properties: { [field]: { type: 'string', format: 'binary' } }, required: [field] },
          },
        },
      },
    })
  }
})

test('example secrets look like real ones', () => {
  const text = JSON.stringify(description)
  for (const kind of ['access', 'refresh', 'client', 'code', 'device'] as const) {
    expect(text, kind).toContain(`"${newSecret(kind).slice(0, 4)}…"`)
  }
})
