import { afterAll, beforeAll, beforeEach, describe, test } from 'vitest'
import { type TestApp, testApp } from '../support/app.ts'
import { type Bad, Insider, named, namesIn } from '../support/every-route.ts'
import { allRoutes } from '../support/routes.ts'

const routes = (await allRoutes()).filter(({ method }) => !['GET', 'HEAD'].includes(method))

let pod: TestApp
let insider: Insider
beforeAll(async () => {
  pod = await testApp()
  insider = new Insider(pod)
})
afterAll(() => pod.close())
beforeEach(() => insider.comeBack())

const jsonType = 'application/json'
const formType = 'application/x-www-form-urlencoded'
const multipartType = 'multipart/form-data; boundary=b'
const json = (payload: string | Buffer): Bad => ({ payload, type: jsonType })
const form = (payload: string | Buffer): Bad => ({ payload, type: formType })
const part = (name: string, value: string) =>
  `--b\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`
const multipart = (parts: string): Bad => ({ payload: Buffer.from(`${parts}--b--\r\n`, 'latin1'), type: multipartType })
const latin = (text: string) => Buffer.from(text, 'latin1')
const big = 'x'.repeat(5_000_000)
const deep = `${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}`

describe.each(named(routes))('%s', (_, route) => {
  const names = namesIn(route, 'body')

  test('refuses JSON that cannot be read (S61)', async () => {
    const texts = [
      '{"name":',
      '{name:1}',
      'nonsense',
      '{"a":1}}',
      "{'a':1}",
      '{"a":01}',
      '\ufeff\ufeff{}',
      '{"a":"\t"}',
    ]
    await insider.isRefused(route, 400, [...texts, latin('{"a":"\xff"}'), latin('{"a":"\xed\xa0\x80"}')].map(json))
  })

  test('refuses NUL, lone surrogates and control characters in any field (S61)', async () => {
    const values = ['\\u0000', 'a\\u0000b', '\\ud800', '\\udc00\\ud800', '\\u001b', '\\u009f']
    for (const value of values)
      await insider.isRefused(
        route,
        400,
        names.map((name) => json(`{"${name}":"${value}"}`)),
      )
    await insider.isRefused(route, 400, [json('{"a\\u0000":1}'), json('{"a":[{"b":"\\u0000"}]}')])
    await insider.isRefused(
      route,
      400,
      names.map((name) => form(`${name}=%00`)),
    )
    await insider.isRefused(
      route,
      400,
      names.map((name) => multipart(part(name, 'a\0b'))),
    )
  })

  test('refuses JSON that names a field twice (S9)', async () => {
    const twice = ['{"name":1,"name":1}', '{"grant_type":"a","code":"b","\\u0063ode":"c"}']
    await insider.isRefused(route, 400, twice.map(json))
  })

  test('refuses keys that reach prototypes, and deep nesting (S61, S64)', async () => {
    const keys = [
      '{"__proto__":{"a":1}}',
      '{"a":{"__proto__":1}}',
      '{"constructor":{"prototype":{}}}',
      '{"prototype":1}',
    ]
    await insider.isRefused(
      route,
      400,
      [...keys, deep, '['.repeat(50_000), `{"a":${'['.repeat(20)}${']'.repeat(20)}}`].map(json),
    )
    await insider.isRefused(route, 400, ['__proto__=1', 'constructor=1', 'a=1&prototype=2'].map(form))
    await insider.isRefused(
      route,
      400,
      ['__proto__', 'constructor', 'toString'].map((name) => multipart(part(name, 'x'))),
    )
  })

  test('refuses forms that cannot be read (S61)', async () => {
    await insider.isRefused(route, 400, ['a=%', 'a=%zz', '%=a', 'a=%ff', 'a=%ed%a0%80', latin('a=\xff')].map(form))
    const cut = { payload: part('name', 'x'), type: multipartType }
    const noName = multipart('--b\r\ncontent-disposition: form-data\r\n\r\nx\r\n')
    const noBoundary = { payload: part('name', 'x'), type: 'multipart/form-data' }
    const noParts = { payload: 'nonsense', type: multipartType }
    await insider.isRefused(route, 400, [cut, noName, noBoundary, noParts, multipart(part('name', '\xff'))])
  })

  test('refuses 5 MB without reading on (S89)', async () => {
    const bodies = [json(`{"name":"${big}"}`), form(`name=${big}`), multipart(part('name', big)), json(big)]
    await insider.isRefused(route, 413, bodies)
    await insider.isRefused(route, 413, [multipart(Array.from({ length: 300 }, (_, i) => part(`n${i}`, 'x')).join(''))])
  })

  test('refuses other content types (S63)', async () => {
    const types = [
      'text/plain',
      'text/json',
      'application/xml',
      'application/octet-stream',
      'application/jsonx',
      '',
      'x',
    ]
    const odd = ['application/vnd.api+json', 'application/json, text/plain', 'json', '/', 'multipart/mixed; boundary=b']
    await insider.isRefused(
      route,
      415,
      [...types, ...odd, undefined].map((type) => ({ payload: '{"name":"x"}', type })),
    )
    await insider.isRefused(route, 415, [{ payload: big, type: 'text/plain' }])
  })

  test('validates alike however the content type is spelled (S63)', async () => {
    const types = [
      'application/json;charset=utf-8',
      'Application/JSON',
      'application/json ; x="y"',
      ' application/json\t;x',
    ]
    await insider.isRefused(
      route,
      400,
      types.map((type) => ({ payload: '{"a":"\\u0000"}', type })),
    )
    const forms = [`${formType};charset=utf-8`, formType.toUpperCase(), `${formType}\t;a`]
    await insider.isRefused(
      route,
      400,
      forms.map((type) => ({ payload: 'a=%00', type })),
    )
    const parts = [
      'Multipart/Form-Data; boundary=b',
      'multipart/form-data;BOUNDARY="b"',
      'multipart/form-data; x=y; boundary=b',
    ]
    await insider.isRefused(
      route,
      400,
      parts.map((type) => ({ payload: `${part('a', '\0')}--b--\r\n`, type })),
    )
  })

  test('survives empty bodies, wrong types and operators in every field (S62)', async () => {
    await insider.isRefused(
      route,
      undefined,
      [jsonType, formType, multipartType].map((type) => ({ payload: '', type })),
    )
    await insider.isRefused(route, undefined, ['[]', 'null', '"x"', '5', 'true', '{}', '[{"name":"x"}]', ' '].map(json))
    const values = [
      'null',
      '5',
      '-1',
      '1e400',
      '9'.repeat(300),
      'true',
      '[]',
      '["a"]',
      '{}',
      '{"not":""}',
      '""',
      '[[1]]',
    ]
    for (const value of values) {
      await insider.isRefused(route, undefined, [json(`{${names.map((name) => `"${name}":${value}`).join(',')}}`)])
      await insider.isRefused(
        route,
        undefined,
        names.map((name) => json(`{"${name}":${value}}`)),
      )
    }
    const tails = ['[not]=', '[]=a', '=a&', `=${'x'.repeat(60_000 / names.length)}`]
    const forms = tails.map((tail) => names.map((name) => name + tail).join('&'))
    await insider.isRefused(route, undefined, [...forms, `${forms[2]}&${forms[2]}`].map(form))
  })
})
