import { expect, test } from 'vitest'
import { LoginPage } from '../../../src/accounts/login/views.tsx'
import { renderPage } from '../../../src/http/render.ts'
import { texts } from '../../../src/texts/en.ts'
import { aPage } from '../../support/every-page.tsx'

test('password managers recognise both fields', () => {
  const html = renderPage(<LoginPage page={aPage} csrfToken="csrf-1" next="/authorize?client_id=1" />)
  expect(html).toMatch(/<input type="text" [^>]*autocomplete="username"[^>]* name="username"/)
  expect(html).toMatch(/<input type="password" autocomplete="current-password"[^>]* name="password"/)
  expect(html).toContain('<input type="hidden" name="next" value="/authorize?client_id=1"/>')
})

test('a failure is announced, keeps the name and drops the password', () => {
  const html = renderPage(<LoginPage page={aPage} csrfToken="csrf-1" username="alice" error={texts.login.wrong} />)
  expect(html).toContain(`<div class="notice error" id="login-error" role="alert"><p>${texts.login.wrong}`)
  expect(html).toMatch(/<input type="text" value="alice"[^>]*aria-invalid="true" aria-describedby="login-error"/)
  expect(html).not.toMatch(/<input type="password"[^>]* value=/)
})

test('who is sent here by an app is told which', () => {
  const html = renderPage(<LoginPage page={aPage} csrfToken="csrf-1" client={{ name: 'Tempo' }} />)
  expect(html).toContain('<bdi class="name">Tempo</bdi> asks to use your account.')
})
