import { describe, expect, test } from 'vitest'
import { renderPage } from '../../src/http/render.ts'
import { everyPage } from '../support/every-page.tsx'

const hostile = `"><script>alert(1)</script><img src=x onerror=alert(1)>'`
const pages = Object.entries(everyPage(hostile)).map(([name, page]) => [name, renderPage(page)] as const)

/** The opening tags of these elements; a quoted value may hold a `>`. */
const tags = (html: string, name: string) => html.match(new RegExp(`<${name}(?:\\s(?:[^">]|"[^"]*")*)?>`, 'g')) ?? []
const attribute = (tag: string, name: string) => new RegExp(`\\s${name}="([^"]*)"`).exec(tag)?.[1]

describe.each(pages)('%s', (_name, html) => {
  test('hostile text stays text (S67)', () => {
    expect(html).not.toContain('<script>')
    expect(html).not.toContain('<img src=x')
    expect(html).toContain('&lt;script>alert(1)&lt;/script>')
  })

  test('nothing is inline and nothing comes from elsewhere (S69)', () => {
    expect(tags(html, 'style')).toEqual([])
    expect(tags(html, 'script')).toEqual(['<script src="/assets/pages.js?v=1" defer>'])
    const markup = html.replace(/"[^"]*"/g, '""')
    expect(markup).not.toMatch(/<[^>]*\sstyle=/)
    expect(markup).not.toMatch(/<[^>]*\son[a-z]+=/)
    expect(html).not.toMatch(/(src|href|action)="(javascript|data):/)
  })

  test('there is a language, a title, one heading, one main part and a way to skip to it', () => {
    expect(html).toMatch(/^<!doctype html><html lang="en">/)
    expect(html).toMatch(/<title>[^<]{5,}<\/title>/)
    expect(tags(html, 'h1')).toHaveLength(1)
    expect(tags(html, 'main')).toEqual([expect.stringContaining('id="content"')])
    expect(html).toContain('<a class="skip" href="#content">')
  })

  test('every input that people see has a label', () => {
    const labels = tags(html, 'label').map((tag) => attribute(tag, 'for'))
    for (const input of tags(html.replace(/<label(?: class="choice")?><input[^>]*>/g, ''), 'input')) {
      if (attribute(input, 'type') === 'hidden' || / hidden[ >]/.test(input)) continue
      expect(labels).toContain(attribute(input, 'id'))
    }
  })

  test('every form is a POST with a CSRF token (S60)', () => {
    const forms = html.match(/<form[\s\S]*?<\/form>/g) ?? []
    for (const form of forms) {
      expect(form).toMatch(
        /^<form method="post" action="[^"]+"(?: enctype="multipart\/form-data")?><input type="hidden" name="csrfmiddlewaretoken"/,
      )
    }
  })

  test('ids are unique and references to them resolve', () => {
    const ids = [...html.matchAll(/\sid="([^"]+)"/g)].map(([, id]) => id)
    expect(new Set(ids).size).toBe(ids.length)
    for (const [, references = ''] of html.matchAll(/\saria-(?:describedby|labelledby)="([^"]+)"/g)) {
      for (const reference of references.split(' ')) expect(ids).toContain(reference)
    }
  })
})
