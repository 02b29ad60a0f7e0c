import { describe, expect, test } from 'vitest'
import { renderPage } from '../../../src/http/render.ts'
import {
  AuthorizationErrorPage,
  CodePage,
  ConsentPage,
  type RedirectOnPage,
  RequestOverPage,
} from '../../../src/oauth/authorization/views.tsx'
import { texts } from '../../../src/texts/en.ts'
import { aConsent, aPage, aSignedInPage, everyPermission, topics } from '../../support/every-page.tsx'

const web: RedirectOnPage = { kind: 'web', target: 'tempo.example', insecure: false }
const consent = (changes: Parameters<typeof aConsent>[0] = {}, redirect = web) =>
  renderPage(<ConsentPage {...aConsent(changes)} action="/authorize" redirect={redirect} />)
const textOf = (html: string) => html.replace(/<[^>]*>/g, '')

describe('the consent page', () => {
  test('one form holds the request, Deny and Allow, in this order', () => {
    const [form = ''] = consent().match(/<form method="post" action="\/authorize">[\s\S]*?<\/form>/) ?? []
    expect(form).toContain('<input type="hidden" name="request_id" value="request-1"/>')
    const buttons = [...form.matchAll(/<button type="submit" name="decision" value="(\w+)"[^>]*>(\w+)</g)]
    expect(buttons.map(([, value, label]) => [value, label])).toEqual([
      ['deny', 'Deny'],
      ['allow', 'Allow'],
    ])
  })

  test('every permission is a ticked box in words (S13)', () => {
    const html = consent()
    for (const { base, read, write } of everyPermission) {
      const words: { see: string; change?: string } = texts.permissions[base]
      expect(html).toContain(`name="scopes" value="${read?.leaf}" checked/><span>${words.see}</span>`)
      if (write) expect(html).toContain(`name="scopes" value="${write.leaf}" checked/><span>${words.change}</span>`)
    }
    expect(html.match(/type="checkbox"/g)).toHaveLength(
      everyPermission.flatMap((row) => [row.read, row.write].filter(Boolean)).length,
    )
  })

  test('every topic has its own words', () => {
    const sentences = topics.flatMap((topic) => Object.values(texts.permissions[topic]))
    expect(new Set(sentences).size).toBe(sentences.length)
  })

  test('a box that was unticked stays so', () => {
    const html = consent({ permissions: [{ base: 'profile', read: { leaf: 'read:profile', checked: false } }] })
    expect(html).toContain('<input type="checkbox" name="scopes" value="read:profile"/>')
  })

  test('an app that asks for nothing gets a sentence instead of boxes', () => {
    const html = consent({ permissions: [] })
    expect(html).toContain(texts.consent.noPermissions)
    expect(html).not.toContain('checkbox')
  })

  test('it says who is logged in, with a way out that is a form of its own', () => {
    const html = consent({ page: aSignedInPage })
    expect(textOf(html)).toContain('Logged in asAlice @alice')
    expect(html).toMatch(/<form method="post" action="\/logout\?next=%2Fauthorize">.*?Not you\?<\/button><\/form>/)
    expect(html.match(/Log out/g)).toBeNull()
  })

  test.each([
    [web, 'You go to tempo.example'],
    [{ kind: 'loopback', target: '127.0.0.1:49152', insecure: false }, 'an app on this device (127.0.0.1:49152)'],
    [{ kind: 'private-use', target: 'org.example.tempo', insecure: false }, 'opens (org.example.tempo)'],
    [{ kind: 'out-of-band', target: '', insecure: false }, 'You get a code'],
  ] satisfies [RedirectOnPage, string][])('it says where the code will go (S13): %o', (redirect, words) => {
    expect(textOf(consent({}, redirect))).toContain(words)
  })

  test('plain http beyond this device brings a warning', () => {
    expect(consent({}, { ...web, insecure: true })).toContain(texts.consent.insecure)
    expect(consent()).not.toContain(texts.consent.insecure)
  })

  test('a website is a link that tells it nothing, and only if it is http(s)', () => {
    const link = '<a href="https://tempo.example/" rel="noopener noreferrer nofollow" referrerpolicy="no-referrer">'
    expect(consent()).toContain(link)
    for (const website of ['javascript:alert(1)', 'data:text/html,x', 'tempo', '//tempo.example', ' ']) {
      expect(consent({ client: { name: 'Tempo', website } })).not.toContain('Website')
    }
  })

  test('a name cannot reorder the words around it', () => {
    expect(consent({ client: { name: '\u202Eopmet' } })).toContain('<bdi class="name">\u202Eopmet</bdi>')
  })

  test('a form that came back with nothing ticked says so', () => {
    expect(consent({ nothingChosen: true })).toContain(
      `<div class="notice error" id="nothing-chosen" role="alert"><p>${texts.consent.nothingChosen}`,
    )
  })
})

describe('the code page', () => {
  const code = (codeInTitle: boolean) =>
    renderPage(
      <CodePage page={aPage} client={{ name: 'Tempo' }} code="bac_1" validSeconds={300} {...{ codeInTitle }} />,
    )

  test('one code element holds the code and nothing else; app and time are named', () => {
    const html = code(false)
    expect(html.match(/<code[^>]*>.*?<\/code>/g)).toEqual(['<code id="code">bac_1</code>'])
    expect(textOf(html)).toContain('Your code for Tempo')
    expect(html).toContain('within the next 5 minutes')
  })

  test('the title holds the code only for apps that read it there', () => {
    expect(code(true)).toContain('<title>Success code=bac_1 – pod.example</title>')
    expect(code(false)).toContain('<title>Your code for Tempo – pod.example</title>')
  })

  test('the copy button is hidden until a script shows it', () => {
    expect(code(false)).toMatch(/<button type="button" class="quiet" data-copy="code"[^>]* hidden>/)
  })
})

test('an error page tells people what happened and developers why', () => {
  const html = renderPage(<AuthorizationErrorPage page={aPage} reason="unknown-client" details="Unknown client_id." />)
  expect(html).toContain(texts.authorizationError.reasons['unknown-client'])
  expect(html).toContain('Unknown client_id.')
})

test('a request that is over says where to start again', () => {
  const over = (client?: { name: string }) =>
    textOf(renderPage(<RequestOverPage page={aPage} reason="answered" {...(client && { client })} />))
  expect(over({ name: 'Tempo' })).toContain('To start again, go back to Tempo.')
  expect(over()).toContain('To start again, go back to the app.')
})
