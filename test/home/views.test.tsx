import { expect, test } from 'vitest'
import { HomePage } from '../../src/home/views.tsx'
import { renderPage } from '../../src/http/render.ts'
import { aPage, aSignedInPage } from '../support/every-page.tsx'

const endpoints = {
  metadata: 'https://pod.example/.well-known/oauth-authorization-server',
  registration: 'https://pod.example/api/v1/oauth/apps/',
  authorization: 'https://pod.example/authorize',
  token: 'https://pod.example/api/v1/oauth/token/',
  deviceAuthorization: 'https://pod.example/oauth/device_authorization',
}

test('developers find every endpoint', () => {
  const html = renderPage(<HomePage page={aPage} endpoints={endpoints} />)
  for (const url of Object.values(endpoints)) expect(html).toContain(`>${url}</code>`)
})

test('a visitor is offered to log in, a signed-in one to log out', () => {
  const [visitor, signedIn] = [aPage, aSignedInPage].map((page) =>
    renderPage(<HomePage page={page} endpoints={endpoints} />),
  )
  expect(visitor).toContain('href="/login"')
  expect(visitor).not.toContain('action="/logout"')
  expect(signedIn).not.toContain('href="/login"')
  expect(signedIn).toContain('<form method="post" action="/logout">')
})
