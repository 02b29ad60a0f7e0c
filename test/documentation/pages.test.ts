import { readdirSync } from 'node:fs'
import { parse } from 'node-html-parser'
import { beforeAll, expect, test } from 'vitest'
import { renderChapter } from '../../src/documentation/markdown.ts'
import { type TestApp, testApp } from '../support/app.ts'

let pod: TestApp
beforeAll(async () => {
  pod = await testApp()
})

const files = readdirSync('docs', { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.md'))
const addresses = files.map((file) => `/docs/${file.replace(/(^|\/)README\.md$|\.md$/, '')}`.replace(/\/$/, ''))

const open = async (url: string) => {
  const { statusCode, body } = await pod.app.inject({ url, headers: { accept: 'text/html' } })
  return { status: statusCode, page: parse(body) }
}

test('every file of docs/ is a page of the pod, and the first page leads to it', async () => {
  const { page } = await open('/docs')
  const listed = page.querySelectorAll('article a').map((link) => link.getAttribute('href'))
  for (const address of addresses) {
    expect((await open(address)).status, address).toBe(200)
    if (address !== '/docs') expect(listed, address).toContain(address)
  }
})

test('every link within the documentation leads somewhere, also to a heading', async () => {
  for (const address of addresses) {
    const { page } = await open(address)
    const links = page.querySelectorAll('article a').map((link) => link.getAttribute('href') ?? '')
    for (const link of links.filter((href) => !/^[a-z]+:/.test(href))) {
      const [path = '', anchor] = link.split('#')
      const target = path === '' ? { status: 200, page } : await open(path)
      expect(target.status, `${link} in ${address}`).toBe(200)
      if (anchor !== undefined) expect(target.page.getElementById(anchor), `${link} in ${address}`).not.toBeNull()
    }
  }
})

test('what is not there is a page that says so', async () => {
  expect((await open('/docs/nowhere')).status).toBe(404)
  expect((await open('/docs/../package')).status).toBe(404)
  expect((await open('/docs/%2e%2e/package')).status).toBe(404)
})

test('links between files become links between pages; HTML stays text', () => {
  const render = (text: string) => renderChapter(`# T\n${text}`, 'decisions/0001-a.md')
  expect(render('[x](../rate-limits.md#scopes-and-their-rates)')).toContain(
    'href="/docs/rate-limits#scopes-and-their-rates"',
  )
  expect(render('[`x`](../../src/app.ts), [y](./)')).toContain('<span><code>x</code></span>, <span>y</span>')
  expect(render('[x](../README.md)')).toContain('href="/docs"')
  expect(render('[x](https://example.org/a.md)')).toContain('href="https://example.org/a.md"')
  expect(render('<b>x</b>')).toContain('&lt;b&gt;')
})
