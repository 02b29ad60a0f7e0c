import type { ComponentChildren } from 'preact'
import { Layout, type PageContext } from './layout.tsx'

interface OutcomeProps {
  page: PageContext
  title: string
  /** The title, unless told otherwise. */
  heading?: ComponentChildren
  children: ComponentChildren
  /** Where to go from here. */
  next?: { href: string; label: string }
}

/** A page with nothing to fill in: it says what became of something. */
export const OutcomePage = ({ page, title, heading = title, children, next }: OutcomeProps) => (
  <Layout page={page} title={title}>
    <div class="card">
      <h1>{heading}</h1>
      {children}
      {next !== undefined && (
        <p class="actions">
          <a class="button" href={next.href}>
            {next.label}
          </a>
        </p>
      )}
    </div>
  </Layout>
)
