import type { ComponentChildren } from 'preact'
import { Copyable } from '../../http/copyable.tsx'
import { Layout, type PageContext } from '../../http/layout.tsx'
import { Notice } from '../../http/notice.tsx'
import { OutcomePage } from '../../http/outcome-page.tsx'
import { Name } from '../../http/untrusted.tsx'
import { texts } from '../../texts/en.ts'
import { ConsentFrame, type ConsentProps } from './consent.tsx'

export interface RedirectOnPage {
  kind: keyof typeof texts.consent.destinations
  /** The host, or for a private-use URI its scheme. */
  target: string
  /** Plain http beyond this device. */
  insecure: boolean
}

/** RFC 6749 §4.1.1: the resource owner decides. Posts `decision` (`allow` or `deny`), `scopes` and `request_id`. */
export function ConsentPage({ redirect, ...props }: ConsentProps & { redirect: RedirectOnPage; action: string }) {
  return (
    <ConsentFrame
      {...props}
      question={texts.consent.question(<Name>{props.client.name}</Name>)}
      destination={texts.consent.destinations[redirect.kind](
        <strong>
          <Name>{redirect.target}</Name>
        </strong>,
      )}
      warning={redirect.insecure && <Notice tone="caution">{texts.consent.insecure}</Notice>}
    />
  )
}

interface CodeProps {
  page: PageContext
  client: { name: string }
  code: string
  validSeconds: number
  /** For `urn:ietf:wg:oauth:2.0:oob:auto`, where the app reads the window's title. */
  codeInTitle: boolean
}

/** The code for an app that cannot be redirected to (out of band). The only `<code>` on the page holds it alone. */
export function CodePage({ page, client, code, validSeconds, codeInTitle }: CodeProps) {
  return (
    <Layout
      page={page}
      title={codeInTitle ? texts.code.titleWithCode(code) : texts.code.title(client.name)}
      width="medium"
    >
      <div class="card">
        <h1>{texts.code.heading(<Name>{client.name}</Name>)}</h1>
        <p>{texts.code.instruction}</p>
        <Copyable id="code" value={code} label={texts.code.label} size="large" />
        <p class="hint">{texts.code.validity(validSeconds)}</p>
      </div>
    </Layout>
  )
}

/** Shown after Deny where there is no redirect. */
export const DeniedPage = ({ page, client }: { page: PageContext; client: { name: string } }) => (
  <OutcomePage page={page} title={texts.denied.title} heading={texts.denied.heading(<Name>{client.name}</Name>)}>
    <p>{texts.denied.note}</p>
  </OutcomePage>
)

interface AuthorizationErrorProps {
  page: PageContext
  reason: keyof typeof texts.authorizationError.reasons
  /** For developers: the OAuth error, a full sentence. */
  details?: string
}

/** For requests that may not be answered with a redirect (RFC 6749 §4.1.2.1). */
export const AuthorizationErrorPage = ({ page, reason, details }: AuthorizationErrorProps) => (
  <OutcomePage page={page} title={texts.authorizationError.title}>
    <p>{texts.authorizationError.reasons[reason]}</p>
    <p>{texts.authorizationError.advice}</p>
    {details !== undefined && (
      <div class="details">
        <h2>{texts.authorizationError.details}</h2>
        <p>{details}</p>
      </div>
    )}
  </OutcomePage>
)

/** For who is signed in to an account that may not act now. */
export const AccountStatePage = ({ page, state }: { page: PageContext; state: keyof typeof texts.accountState }) => (
  <OutcomePage page={page} title={texts.accountState[state].title} next={{ href: '/', label: texts.errors.home }}>
    <p>{texts.accountState[state].note}</p>
  </OutcomePage>
)

interface RequestOverProps {
  page: PageContext
  reason: 'answered' | 'expired'
  /** Undefined if the request is no longer known. */
  client?: { name: string }
}

/** For a consent form that is sent twice or too late. */
export function RequestOverPage({ page, reason, client }: RequestOverProps) {
  const { [reason]: title, [`${reason}Note` as const]: note, advice, theApp } = texts.requestOver
  const name: ComponentChildren = client === undefined ? theApp : <Name>{client.name}</Name>
  return (
    <OutcomePage page={page} title={title}>
      <p>{note}</p>
      <p>{advice(name)}</p>
    </OutcomePage>
  )
}
