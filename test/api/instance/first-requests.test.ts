import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type TestApp, testApp } from '../../support/app.ts'
import { emptyDatabase, testDatabase } from '../../support/database.ts'
import { form, json, multipart, send } from '../../support/requests.ts'

let pod: TestApp
beforeAll(async () => {
  await emptyDatabase(await testDatabase())
  pod = await testApp({ publicUrl: 'https://pod.example' })
})
afterAll(() => pod.close())
beforeEach(() => emptyDatabase(pod.db))

describe('GET instance/spa-manifest.json', () => {
  test.each(['/api/v1/instance/spa-manifest.json', '/api/v1/instance/spa-manifest.json/'])('%s', async (url) => {
    const answer = await send(pod, 'GET', url)
    expect([answer.statusCode, answer.headers['content-type']]).toEqual([200, 'application/manifest+json'])
    expect(answer.json()).toMatchObject({ name: 'pod.example', short_name: 'pod.example', start_url: '/' })
  })

  test('names an icon that is there', async () => {
    const { icons } = (await send(pod, 'GET', '/api/v1/instance/spa-manifest.json')).json()
    expect((await send(pod, 'GET', icons[0].src)).headers['content-type']).toBe(icons[0].type)
  })

  test('bears the pod’s name and description', async () => {
    const updatedAt = new Date()
    await pod.db.setting.createMany({
      data: [
        { identifier: 'instance__name', value: 'Whale song', updatedAt },
        { identifier: 'instance__short_description', value: 'Deep', updatedAt },
      ],
    })
    const named = await testApp()
    expect((await send(named, 'GET', '/api/v1/instance/spa-manifest.json')).json()).toMatchObject({
      name: 'Whale song',
      short_name: 'Whale song',
      description: 'Deep',
    })
    await named.close()
  })
})

test('GET /settings.json is the configuration of a web client', async () => {
  const answer = await send(pod, 'GET', '/settings.json')
  expect([answer.statusCode, answer.json()]).toEqual([200, { defaultServerUrl: '', additionalStylesheets: [] }])
})

describe('POST text-preview', () => {
  const preview = async (body: ReturnType<typeof json>, url = '/api/v1/text-preview') => {
    const answer = await send(pod, 'POST', url, { body })
    return [answer.statusCode, answer.json()]
  }

  test('renders Markdown', async () => {
    const rendered = [200, { rendered: '<p>Hello <strong>you</strong></p>' }]
    for (const kind of [json, form, multipart]) expect(await preview(kind({ text: 'Hello **you**' }))).toEqual(rendered)
    expect(await preview(json({ text: 'Hello **you**' }), '/api/v1/text-preview/')).toEqual(rendered)
    expect(await preview(json({ text: '' }))).toEqual([200, { rendered: '' }])
  })

  test('renders headings where it may', async () => {
    expect(await preview(json({ text: '# Hi' }))).toEqual([200, { rendered: 'Hi' }])
    expect(await preview(json({ text: '# Hi', permissive: true }))).toEqual([200, { rendered: '<h1>Hi</h1>' }])
    expect(await preview(form({ text: '# Hi', permissive: 'true' }))).toEqual([200, { rendered: '<h1>Hi</h1>' }])
  })

  test('lets nothing dangerous through (S67)', async () => {
    const [, { rendered }] = (await preview(json({ text: '<script>x</script> [a](javascript:x)' }))) as [
      number,
      { rendered: string },
    ]
    expect(rendered).toBe('<p>&lt;script&gt;x&lt;/script&gt; [a](javascript:x)</p>')
  })

  test.each([{}, { text: null }, { text: ['a'] }, { text: { not: '' } }, { text: 'x'.repeat(50_001) }])(
    'refuses %j',
    async (body) => {
      expect(await preview(json(body))).toEqual([400, { detail: 'Invalid input' }])
    },
  )
})
