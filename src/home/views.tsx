import { Copyable } from '../http/copyable.tsx'
import { Layout, type PageContext } from '../http/layout.tsx'
import { Name } from '../http/untrusted.tsx'
import { Whale } from '../http/whale.tsx'
import { texts } from '../texts/en.ts'

interface HomeProps {
  page: PageContext
  /** Absolute URLs, as the server metadata names them. */
  endpoints: Endpoints
  /** Whether people may sign up without an invitation. */
  maySignUp?: boolean
}

export type Endpoints = Record<keyof typeof texts.home.endpoints, string>

/** What this pod is, and where developers start. */
export const HomePage = ({ page, endpoints, maySignUp = false }: HomeProps) => (
  <Layout page={page} title={page.podName} width="wide">
    <section class="hero">
      <div>
        <h1>{texts.home.heading}</h1>
        <p class="lede">{texts.home.lede(<Name>{page.podName}</Name>)}</p>
        <Visitor page={page} maySignUp={maySignUp} />
      </div>
      <Whale />
    </section>
    <section class="card" aria-labelledby="developers">
      <h2 id="developers">{texts.home.developers}</h2>
      <p>{texts.home.developersLede}</p>
      <EndpointList endpoints={endpoints} />
      <h3>{texts.home.firstStep}</h3>
      <Copyable id="first-step" value={firstStep(endpoints.registration)} label={texts.home.firstStep} />
      <p class="actions">
        <a class="button" href="/docs">
          {texts.home.documentation}
        </a>
        <a class="button" href="/api/docs">
          {texts.home.explorer}
        </a>
      </p>
    </section>
  </Layout>
)

const Visitor = ({ page: { signedIn }, maySignUp }: { page: PageContext; maySignUp: boolean }) => (
  <>
    <p class="muted">
      {signedIn === undefined
        ? texts.home.signedOut
        : texts.home.signedIn(<Name>{signedIn.name || signedIn.username}</Name>)}
    </p>
    <p class="actions">
      {signedIn === undefined && (
        <a class="button primary" href="/login">
          {texts.home.logIn}
        </a>
      )}
      {signedIn === undefined && maySignUp && (
        <a class="button" href="/signup">
          {texts.signUp.title}
        </a>
      )}
      <a class="button" href="/device">
        {texts.home.connectDevice}
      </a>
    </p>
  </>
)

function EndpointList({ endpoints }: { endpoints: Endpoints }) {
  return (
    <dl class="endpoints">
      {typedEntries(texts.home.endpoints).map(([name, label]) => (
        <div>
          <dt>{label}</dt>
          <dd>
            <Copyable id={`endpoint-${name}`} value={endpoints[name]} label={label} />
          </dd>
        </div>
      ))}
    </dl>
  )
}

function typedEntries<Key extends string, Value>(object: Record<Key, Value>): [Key, Value][] {
  return Object.entries(object) as [Key, Value][]
}

const firstStep = (registration: string) =>
  [
    `curl ${registration} \\`,
    "  -d name='My app' \\",
    '  -d redirect_uris=http://127.0.0.1:8080/callback \\',
    "  -d scopes='read:profile read:libraries'",
  ].join('\n')
