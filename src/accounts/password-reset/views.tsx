import { Layout, type PageContext } from '../../http/layout.tsx'
import { OutcomePage } from '../../http/outcome-page.tsx'
import { Field, Form } from '../../http/page-form.tsx'
import { Name } from '../../http/untrusted.tsx'
import { texts } from '../../texts/en.ts'
import type { ResetLink } from './password-reset.ts'

interface AskResetProps {
  page: PageContext
  csrfToken: string
  /** What was typed before. */
  email: string
  error?: string | undefined
}

/** Posts `email`. */
export function AskResetPage({ page, csrfToken, email, error }: AskResetProps) {
  const t = texts.passwordReset
  return (
    <Layout page={page} title={t.title}>
      <div class="card">
        <h1>{t.title}</h1>
        <p>{t.lede}</p>
        <Form action="/auth/password/reset" csrfToken={csrfToken}>
          <Field
            name="email"
            type="email"
            label={t.email}
            value={email}
            autocomplete="email"
            error={error}
            autofocus={true}
          />
          <button type="submit" class="primary">
            {t.submit}
          </button>
        </Form>
        <p>
          <a href="/login">{t.back}</a>
        </p>
      </div>
    </Layout>
  )
}

/** The same whether or not a mail was sent. */
export function ResetMailedPage({ page, mailedTo }: { page: PageContext; mailedTo: string | undefined }) {
  const t = texts.passwordReset
  return (
    <OutcomePage page={page} title={t.checkMail} next={{ href: '/auth/password/reset', label: t.again }}>
      <p>{mailedTo === undefined ? t.mailed : t.mailedTo(<Name>{mailedTo}</Name>)}</p>
      <p>{t.nothingCame}</p>
    </OutcomePage>
  )
}

interface SetPasswordProps {
  page: PageContext
  csrfToken: string
  link: ResetLink
  username: string
  passwordMinLength: number
  error?: string | undefined
}

/** Posts `uid`, `token` and `password`. */
export function SetPasswordPage({ page, csrfToken, link, username, passwordMinLength, error }: SetPasswordProps) {
  const t = texts.passwordReset
  return (
    <Layout page={page} title={t.setTitle}>
      <div class="card">
        <h1>{t.setTitle}</h1>
        <p>{t.setFor(<Name>{username}</Name>)}</p>
        <Form action="/auth/password/reset/confirm" csrfToken={csrfToken}>
          <input type="hidden" name="uid" value={link.uid} />
          <input type="hidden" name="token" value={link.token} />
          <input type="text" name="username" value={username} autocomplete="username" hidden readonly />
          <Field
            name="password"
            type="password"
            label={t.password}
            autocomplete="new-password"
            hint={texts.signUp.passwordHint(passwordMinLength)}
            error={error}
            autofocus={true}
          />
          <button type="submit" class="primary">
            {t.set}
          </button>
        </Form>
      </div>
    </Layout>
  )
}

export function DeadResetLinkPage({ page }: { page: PageContext }) {
  const t = texts.passwordReset
  return (
    <OutcomePage page={page} title={t.dead} next={{ href: '/auth/password/reset', label: t.submit }}>
      <p>{t.deadNote}</p>
    </OutcomePage>
  )
}
