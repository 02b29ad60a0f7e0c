import { Layout, type PageContext } from '../../http/layout.tsx'
import { OutcomePage } from '../../http/outcome-page.tsx'
import { Field, Form } from '../../http/page-form.tsx'
import { Name } from '../../http/untrusted.tsx'
import { texts } from '../../texts/en.ts'

interface ResendProps {
  page: PageContext
  csrfToken: string
  /** Where the last mail went, or what was typed before. */
  email: string
  error?: string | undefined
}

/** After signing up; the same whether or not a mail was sent. */
export function CheckMailPage({ mailedTo, ...props }: ResendProps & { mailedTo: string | undefined }) {
  const t = texts.emailConfirmation
  return (
    <Layout page={props.page} title={t.checkMail}>
      <div class="card">
        <h1>{t.checkMail}</h1>
        <p>{mailedTo === undefined ? t.mailed : t.mailedTo(<Name>{mailedTo}</Name>)}</p>
        <p>{t.nothingCame}</p>
        <ResendForm {...props} />
      </div>
    </Layout>
  )
}

export function DeadConfirmationPage(props: ResendProps) {
  const t = texts.emailConfirmation
  return (
    <Layout page={props.page} title={t.dead}>
      <div class="card">
        <h1>{t.dead}</h1>
        <p>{t.deadNote}</p>
        <ResendForm {...props} />
      </div>
    </Layout>
  )
}

/** Posts `email`. */
function ResendForm({ csrfToken, email, error }: ResendProps) {
  const t = texts.emailConfirmation
  return (
    <Form action="/auth/email/resend" csrfToken={csrfToken}>
      <Field name="email" type="email" label={t.email} value={email} autocomplete="email" error={error} />
      <button type="submit">{t.resend}</button>
    </Form>
  )
}

interface ConfirmProps {
  page: PageContext
  csrfToken: string
  /** From the mailed link. */
  confirmationKey: string
  email: string
  username: string
}

/** Programs that look at links in mails open this page too, so it is the button that confirms. Posts `key`. */
export function ConfirmEmailPage({ page, csrfToken, confirmationKey, email, username }: ConfirmProps) {
  const t = texts.emailConfirmation
  return (
    <Layout page={page} title={t.question}>
      <div class="card">
        <h1>{t.question}</h1>
        <p>{t.about(<Name>{email}</Name>, <Name>{username}</Name>)}</p>
        <Form action="/auth/email/confirm" csrfToken={csrfToken}>
          <input type="hidden" name="key" value={confirmationKey} />
          <button type="submit" class="primary">
            {t.confirm}
          </button>
        </Form>
      </div>
    </Layout>
  )
}

export function EmailConfirmedPage({ page }: { page: PageContext }) {
  const t = texts.emailConfirmation
  const next = page.signedIn === undefined ? { href: '/login', label: t.logIn } : { href: '/', label: t.home }
  return (
    <OutcomePage page={page} title={t.done} next={next}>
      <p>{t.doneNote}</p>
    </OutcomePage>
  )
}
