import { Layout, type PageContext } from '../../http/layout.tsx'
import { Notice } from '../../http/notice.tsx'
import { OutcomePage } from '../../http/outcome-page.tsx'
import { Field, Form } from '../../http/page-form.tsx'
import { Name } from '../../http/untrusted.tsx'
import { texts } from '../../texts/en.ts'

interface LoginProps {
  page: PageContext
  csrfToken: string
  /** Path to go to after login. */
  next?: string
  /** What was typed before. */
  username?: string
  error?: string
  /** What was done just before. */
  notice?: string | undefined
  /** Whether people may sign up without an invitation. */
  maySignUp?: boolean
  /** Who is asking, if an authorization request led here. */
  client?: { name: string }
}

/** Posts `username`, `password` and `next`. */
export function LoginPage({
  page,
  csrfToken,
  next,
  username = '',
  error,
  notice,
  maySignUp = false,
  client,
}: LoginProps) {
  const errorId = error === undefined ? undefined : 'login-error'
  return (
    <Layout page={page} title={texts.login.title}>
      <div class="card">
        <h1>
          {texts.login.title} <small>{texts.login.to(<Name>{page.podName}</Name>)}</small>
        </h1>
        {client !== undefined && <p>{texts.login.forClient(<Name>{client.name}</Name>)}</p>}
        {notice !== undefined && <Notice tone="success">{notice}</Notice>}
        {error !== undefined && (
          <Notice tone="error" id="login-error">
            {error}
          </Notice>
        )}
        <Form action="/login" csrfToken={csrfToken}>
          {next !== undefined && <input type="hidden" name="next" value={next} />}
          <Field
            name="username"
            label={texts.login.username}
            value={username}
            autocomplete="username"
            errorId={errorId}
            autofocus={username === ''}
          />
          <Field
            name="password"
            label={texts.login.password}
            type="password"
            autocomplete="current-password"
            errorId={errorId}
            autofocus={username !== ''}
          />
          <button type="submit" class="primary">
            {texts.login.submit}
          </button>
        </Form>
        <p>
          <a href="/auth/password/reset">{texts.login.forgotten}</a>
        </p>
        {maySignUp && (
          <p>
            {texts.login.newHere} <a href={signUpPath(next)}>{texts.login.signUp}</a>
          </p>
        )}
      </div>
    </Layout>
  )
}

function signUpPath(next: string | undefined): string {
  return next === undefined || next === '/' ? '/signup' : `/signup?next=${encodeURIComponent(next)}`
}

/** GET /logout while logged in. */
export function LogoutPage({ page, csrfToken, name }: { page: PageContext; csrfToken: string; name: string }) {
  return (
    <Layout page={page} title={texts.logout.title} withoutAccount>
      <div class="card">
        <h1>{texts.logout.title}</h1>
        <p>{texts.logout.asked(<Name>{name}</Name>)}</p>
        <Form action="/logout" csrfToken={csrfToken}>
          <div class="actions">
            <a class="button" href="/">
              {texts.logout.stay}
            </a>
            <button type="submit" class="primary">
              {texts.logout.submit}
            </button>
          </div>
        </Form>
      </div>
    </Layout>
  )
}

export const SignedOutPage = ({ page }: { page: PageContext }) => (
  <OutcomePage page={page} title={texts.logout.done} next={{ href: '/login', label: texts.logout.again }}>
    <p>{texts.logout.doneNote}</p>
  </OutcomePage>
)
