import { expect, test } from 'vitest'
import { renderPage } from '../../../src/http/render.ts'
import { DeviceCodePage, DeviceConsentPage, DeviceDonePage } from '../../../src/oauth/device/views.tsx'
import { texts } from '../../../src/texts/en.ts'
import { aConsent, aPage } from '../../support/every-page.tsx'

test('the code that was typed wrongly is still there, with the reason tied to its field', () => {
  const html = renderPage(<DeviceCodePage page={aPage} csrfToken="csrf-1" userCode="bcdf" unknown />)
  expect(html).toMatch(/<input [^>]*name="user_code"[^>]*aria-invalid="true" aria-describedby="field-user_code-error /)
  expect(html).toMatch(/<input [^>]*value="bcdf"/)
  expect(html).toContain(`<p class="field-error" id="field-user_code-error" role="alert">${texts.device.unknown}`)
})

test('the code is shown again for comparison, with a warning of codes sent by others (RFC 8628 §5.4)', () => {
  const html = renderPage(<DeviceConsentPage {...aConsent()} userCode="BCDF-GHJK" />)
  expect(html).toContain('<strong class="user-code">BCDF-GHJK</strong>')
  expect(html).toContain(texts.device.phishing)
  expect(html).toContain('<form method="post" action="/device">')
  expect(html).toContain('<button type="submit" name="decision" value="allow"')
})

test('the last page says how it ended', () => {
  const done = (outcome: 'allowed' | 'denied') =>
    renderPage(<DeviceDonePage page={aPage} outcome={outcome} client={{ name: 'Tempo' }} />)
  expect(done('allowed')).toContain(texts.device.allowed)
  expect(done('denied')).toContain(texts.denied.title)
})
