import type { ComponentChildren } from 'preact'
import { texts } from '../texts/en.ts'
import { Form } from './page-form.tsx'
import { Name } from './untrusted.tsx'
import { Whale } from './whale.tsx'

/** What every page is built from, whatever it is about. */
export interface PageContext {
  podName: string
  /** URLs under /assets/. */
  assets: { stylesheet: string; script: string; icon: string }
  signedIn?: SignedIn
}

export interface SignedIn {
  username: string
  /** The display name; may be empty. */
  name: string
  csrfToken: string
}

interface LayoutProps {
  page: PageContext
  title: string
  /** `narrow` for one form, `medium` for a decision, `wide` for lists and texts, `settings` for a menu beside, `full` for all there is. */
  width?: 'narrow' | 'medium' | 'wide' | 'settings' | 'full'
  /** Leaves name and log-out button out where the page itself says who is logged in. */
  withoutAccount?: boolean
  children: ComponentChildren
}

/** The one frame around every page. */
export function Layout({ page, title, width = 'narrow', withoutAccount = false, children }: LayoutProps) {
  return (
    <html lang={texts.language}>
      <Head page={page} title={title} />
      <body>
        <a class="skip" href="#content">
          {texts.layout.skip}
        </a>
        <header class="top">
          <a class="brand" href="/">
            <Whale />
            <Name>{page.podName}</Name>
          </a>
          {page.signedIn !== undefined && !withoutAccount && <AccountBar account={page.signedIn} />}
        </header>
        <main id="content" class={width}>
          {children}
        </main>
        <footer class="bottom">
          <p>{texts.layout.runsOn(<strong>Baleen</strong>)}</p>
        </footer>
      </body>
    </html>
  )
}

function Head({ page, title }: { page: PageContext; title: string }) {
  return (
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta name="color-scheme" content="light dark" />
      <title>{title === page.podName ? title : `${title} – ${page.podName}`}</title>
      <link rel="icon" type="image/svg+xml" href={page.assets.icon} />
      <link rel="stylesheet" href={page.assets.stylesheet} />
      <script src={page.assets.script} defer />
    </head>
  )
}

function AccountBar({ account }: { account: SignedIn }) {
  return (
    <nav class="account" aria-label={texts.layout.account}>
      <Name>{account.name || account.username}</Name>
      <a class="button quiet" href="/settings">
        {texts.layout.settings}
      </a>
      <Form action="/logout" csrfToken={account.csrfToken}>
        <button type="submit" class="quiet">
          {texts.layout.logOut}
        </button>
      </Form>
    </nav>
  )
}
