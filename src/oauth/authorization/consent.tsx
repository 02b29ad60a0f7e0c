import type { ComponentChildren } from 'preact'
import { Layout, type PageContext } from '../../http/layout.tsx'
import { Notice } from '../../http/notice.tsx'
import { Form } from '../../http/page-form.tsx'
import { ForeignLink, initialOf, Name, webHost } from '../../http/untrusted.tsx'
import { Whale } from '../../http/whale.tsx'
import { texts } from '../../texts/en.ts'
import { type PermissionRow, Permissions } from './permissions.tsx'

export interface ClientOnPage {
  name: string
  /** As registered; anything but http(s) is not shown. */
  website?: string
}

/** What a resource owner needs to see to decide, whichever way the request came in. */
export interface ConsentProps {
  page: PageContext
  /** Who is logged in; `name` may be empty. */
  user: { username: string; name: string }
  client: ClientOnPage
  /** Only what grants something. */
  permissions: PermissionRow[]
  requestId: string
  csrfToken: string
  /** Where the "Not you?" button posts to. */
  switchAccountAction: string
  /** The form came back with every box unticked. */
  nothingChosen?: boolean
}

interface FrameProps extends ConsentProps {
  /** Where the form posts to. */
  action: string
  question: ComponentChildren
  destination: ComponentChildren
  warning?: ComponentChildren
  /** Between the question and the permissions. */
  children?: ComponentChildren
}

export function ConsentFrame({ page, client, question, children, ...props }: FrameProps) {
  const { csrfToken, requestId } = props
  return (
    <Layout page={page} title={texts.consent.title(client.name)} width="medium" withoutAccount>
      <div class="card consent">
        {props.nothingChosen && (
          <Notice tone="error" id="nothing-chosen">
            {texts.consent.nothingChosen}
          </Notice>
        )}
        <Handshake name={client.name} />
        <h1>{question}</h1>
        {children}
        <Resident {...props} />
        <Facts client={client} destination={props.destination} />
        {props.warning}
        <Form action={props.action} csrfToken={csrfToken}>
          <input type="hidden" name="request_id" value={requestId} />
          <Permissions rows={props.permissions} nothingChosen={props.nothingChosen ?? false} />
          <p class="hint">
            {texts.consent.notVetted(page.podName)} {texts.consent.takeBack}
          </p>
          <Decision />
        </Form>
      </div>
    </Layout>
  )
}

const Handshake = ({ name }: { name: string }) => (
  <div class="handshake" aria-hidden="true">
    <span class="badge">{initialOf(name)}</span>
    <span class="badge pod">
      <Whale />
    </span>
  </div>
)

function Resident({ user, requestId, csrfToken, switchAccountAction }: Omit<ConsentProps, 'page' | 'client'>) {
  return (
    <div class="resident">
      <p>
        <small>{texts.consent.signedInAs}</small>
        <strong>
          <Name>{user.name || user.username}</Name>
        </strong>{' '}
        {user.name !== '' && (
          <span class="muted">
            <Name>{`@${user.username}`}</Name>
          </span>
        )}
      </p>
      <Form action={switchAccountAction} csrfToken={csrfToken}>
        <input type="hidden" name="request_id" value={requestId} />
        <button type="submit" class="quiet">
          {texts.consent.notYou}
        </button>
      </Form>
    </div>
  )
}

function Facts({ client, destination }: { client: ClientOnPage; destination: ComponentChildren }) {
  return (
    <dl class="facts">
      {client.website !== undefined && webHost(client.website) !== undefined && (
        <div>
          <dt>{texts.consent.website}</dt>
          <dd>
            <ForeignLink url={client.website} />
          </dd>
        </div>
      )}
      <div>
        <dt>{texts.consent.destination}</dt>
        <dd>{destination}</dd>
      </div>
    </dl>
  )
}

/** Deny comes first: without script, Enter on a checkbox presses the first button. */
const Decision = () => (
  <div class="decision">
    <button type="submit" name="decision" value="deny">
      {texts.consent.deny}
    </button>
    <button type="submit" name="decision" value="allow" class="primary">
      {texts.consent.allow}
    </button>
  </div>
)
