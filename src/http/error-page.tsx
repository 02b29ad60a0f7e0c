import { texts } from '../texts/en.ts'
import { Layout, type PageContext } from './layout.tsx'

interface ErrorPageProps {
  page: PageContext
  status: keyof typeof texts.errors.titles
  /** The public message of a Problem, where it says more than the usual one. */
  message?: string
  /** The value of the Retry-After header. */
  retryAfterSeconds?: number
  /** What to search the log for. */
  reference?: string
}

export const ErrorPage = ({ page, status, message, retryAfterSeconds, reference }: ErrorPageProps) => (
  <Layout page={page} title={texts.errors.titles[status]}>
    <div class="card">
      <p class="eyebrow">{status}</p>
      <h1>{texts.errors.titles[status]}</h1>
      <p>{message ?? texts.errors.messages[status]}</p>
      {retryAfterSeconds !== undefined && <p>{texts.errors.retry(retryAfterSeconds)}</p>}
      {reference !== undefined && (
        <p class="hint">
          {texts.errors.reference}: <code>{reference}</code>
        </p>
      )}
      <p class="actions">
        <a class="button" href="/">
          {texts.errors.home}
        </a>
      </p>
    </div>
  </Layout>
)
