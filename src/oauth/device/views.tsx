import { Layout, type PageContext } from '../../http/layout.tsx'
import { Notice } from '../../http/notice.tsx'
import { OutcomePage } from '../../http/outcome-page.tsx'
import { Field, Form } from '../../http/page-form.tsx'
import { Name } from '../../http/untrusted.tsx'
import { texts } from '../../texts/en.ts'
import { ConsentFrame, type ConsentProps } from '../authorization/consent.tsx'

interface DeviceCodeProps {
  page: PageContext
  csrfToken: string
  /** As typed, or from `verification_uri_complete` (RFC 8628 §3.3.1). */
  userCode?: string
  /** The code was unknown or expired. */
  unknown?: boolean
}

/** RFC 8628 §3.3: type the code. Posts `user_code`. */
export const DeviceCodePage = ({ page, csrfToken, userCode = '', unknown = false }: DeviceCodeProps) => (
  <Layout page={page} title={texts.device.title}>
    <div class="card">
      <h1>{texts.device.title}</h1>
      <p>{texts.device.instruction}</p>
      <Form action="/device" csrfToken={csrfToken}>
        <Field
          name="user_code"
          label={texts.device.label}
          value={userCode}
          hint={texts.device.hint}
          error={unknown ? texts.device.unknown : undefined}
          class="user-code"
          autocomplete="off"
          maxlength={40}
          autofocus
        />
        <button type="submit" class="primary">
          {texts.device.submit}
        </button>
      </Form>
      <p class="hint">{texts.device.warning}</p>
    </div>
  </Layout>
)

/** RFC 8628 §3.3 and §5.4: compare the code, then decide. Posts `decision`, `scopes` and `request_id`. */
export const DeviceConsentPage = ({ userCode, ...props }: ConsentProps & { userCode: string }) => (
  <ConsentFrame
    {...props}
    action="/device"
    question={texts.device.question(<Name>{props.client.name}</Name>)}
    destination={texts.device.afterwards}
  >
    <div class="compare">
      <p>{texts.device.compare}</p>
      <strong class="user-code">{userCode}</strong>
    </div>
    <Notice tone="caution">{texts.device.phishing}</Notice>
  </ConsentFrame>
)

interface DeviceDoneProps {
  page: PageContext
  outcome: 'allowed' | 'denied'
  client: { name: string }
}

export function DeviceDonePage({ page, outcome, client }: DeviceDoneProps) {
  const { allowed, allowedNote, deniedNote } = texts.device
  const [title, note] = outcome === 'allowed' ? [allowed, allowedNote] : [texts.denied.title, deniedNote]
  return (
    <OutcomePage page={page} title={title}>
      <p>{note(<Name>{client.name}</Name>)}</p>
    </OutcomePage>
  )
}
