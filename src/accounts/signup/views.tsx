import { Layout, type PageContext } from '../../http/layout.tsx'
import { Notice } from '../../http/notice.tsx'
import { Field, Form } from '../../http/page-form.tsx'
import { Name } from '../../http/untrusted.tsx'
import { texts } from '../../texts/en.ts'

type SignUpField = 'username' | 'email' | 'password' | 'invitation'

export interface SignUpProps {
  page: PageContext
  csrfToken: string
  /** Path to go to afterwards. */
  next?: string | undefined
  /** Whether people may sign up without an invitation. */
  isOpen: boolean
  passwordMinLength: number
  /** What was typed before. */
  form: { username: string; email: string; invitation: string }
  errors: { [Field in SignUpField]?: string | undefined }
}

/** Posts `username`, `email`, `password`, `invitation` and `next`. */
export function SignUpPage({ page, csrfToken, next, isOpen, passwordMinLength, form, errors }: SignUpProps) {
  const t = texts.signUp
  const suffix = next === undefined ? '' : `?next=${encodeURIComponent(next)}`
  return (
    <Layout page={page} title={t.title}>
      <div class="card">
        <h1>
          {t.title} <small>{t.on(<Name>{page.podName}</Name>)}</small>
        </h1>
        {!isOpen && <Notice tone="caution">{t.closed}</Notice>}
        <Form action="/signup" csrfToken={csrfToken}>
          {next !== undefined && <input type="hidden" name="next" value={next} />}
          {(!isOpen || form.invitation !== '') && (
            <Field
              name="invitation"
              label={t.invitation}
              value={form.invitation}
              error={errors.invitation}
              optional={isOpen}
              autofocus={form.invitation === ''}
            />
          )}
          <Field
            name="username"
            label={t.username}
            value={form.username}
            autocomplete="username"
            hint={t.usernameHint}
            error={errors.username}
            autofocus={isOpen || form.invitation !== ''}
          />
          <Field
            name="email"
            type="email"
            label={t.email}
            value={form.email}
            autocomplete="email"
            hint={t.emailHint}
            error={errors.email}
          />
          <Field
            name="password"
            type="password"
            label={t.password}
            autocomplete="new-password"
            hint={t.passwordHint(passwordMinLength)}
            error={errors.password}
          />
          <button type="submit" class="primary">
            {t.submit}
          </button>
        </Form>
        <p>
          {t.known} <a href={`/login${suffix}`}>{t.logIn}</a>
        </p>
      </div>
    </Layout>
  )
}
