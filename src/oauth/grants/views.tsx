import type { PageContext } from '../../http/layout.tsx'
import { Notice } from '../../http/notice.tsx'
import { Form } from '../../http/page-form.tsx'
import { SettingsFrame } from '../../http/settings-frame.tsx'
import { ForeignLink, Name, webHost } from '../../http/untrusted.tsx'
import { texts } from '../../texts/en.ts'
import { type PermissionRow, Permissions } from '../authorization/permissions.tsx'

const t = texts.authorizedApps

export interface AuthorizedAppOnPage {
  clientId: string
  name: string
  website: string | null
  since: string
  lastUsed: string
  /** In words. */
  may: string[]
}

export const orders = ['newest', 'used'] as const

type Order = (typeof orders)[number]

interface AuthorizedAppsProps {
  page: PageContext
  apps: AuthorizedAppOnPage[]
  order: Order
}

export const AuthorizedAppsPage = ({ page, apps, order }: AuthorizedAppsProps) => (
  <SettingsFrame page={page} section="authorizedApps">
    <p>{t.lede}</p>
    {apps.length > 1 && <Orders current={order} />}
    {apps.length === 0 && <p class="muted">{t.none}</p>}
    <ul class="list">
      {apps.map((app) => (
        <li>
          <AppSummary app={app} />
          <a class="button" href={`/settings/authorized-apps/${app.clientId}`}>
            {t.change} <span class="visually-hidden">{app.name}</span>
          </a>
        </li>
      ))}
    </ul>
    {apps.length > 0 && (
      <p class="part">
        <a class="button danger" href="/settings/authorized-apps/end-all">
          {t.endAll}
        </a>
      </p>
    )}
  </SettingsFrame>
)

const Orders = ({ current }: { current: Order }) => (
  <nav class="actions" aria-label={t.order}>
    {orders.map((order) => (
      <a href={`/settings/authorized-apps?order=${order}`} aria-current={order === current ? 'true' : undefined}>
        {t.orders[order]}
      </a>
    ))}
  </nav>
)

interface EndAllProps {
  page: PageContext
  csrfToken: string
  signIns: number
}

export const EndAllPage = ({ page, csrfToken, signIns }: EndAllProps) => (
  <SettingsFrame page={page} section="authorizedApps" title={t.endAllTitle}>
    <p>{t.endAllNote(signIns)}</p>
    <Form action="/settings/authorized-apps/end-all" csrfToken={csrfToken}>
      <div class="actions">
        <a class="button" href="/settings/authorized-apps">
          {texts.settings.cancel}
        </a>
        <button type="submit" class="danger">
          {t.endAll}
        </button>
      </div>
    </Form>
  </SettingsFrame>
)

const AppSummary = ({ app }: { app: AuthorizedAppOnPage }) => (
  <div>
    <strong>
      <Name>{app.name}</Name>
    </strong>
    {app.website !== null && webHost(app.website) !== undefined && (
      <span>
        <ForeignLink url={app.website} />
      </span>
    )}
    <span class="hint">
      {t.since} {app.since} · {t.lastUsed} {app.lastUsed}
    </span>
    <ul class="may">
      {app.may.map((words) => (
        <li>{words}</li>
      ))}
    </ul>
  </div>
)

interface SignInOnPage {
  id: string
  since: string
  lastUsed: string
  /** Undefined = not before it is ended. */
  ends: string | undefined
}

interface AuthorizedAppProps {
  page: PageContext
  csrfToken: string
  app: AuthorizedAppOnPage
  permissions: PermissionRow[]
  /** One per device or browser. */
  signIns: SignInOnPage[]
  saved: boolean
}

export function AuthorizedAppPage({ page, csrfToken, app, permissions, signIns, saved }: AuthorizedAppProps) {
  const path = `/settings/authorized-apps/${app.clientId}`
  return (
    <SettingsFrame page={page} section="authorizedApps" title={t.changeTitle(app.name)}>
      {saved && <Notice tone="success">{texts.settings.saved}</Notice>}
      <div class="part">
        <h2>{t.devices}</h2>
        <ul class="list">
          {signIns.map((signIn) => (
            <li>
              <div>
                {t.device(signIn.since, signIn.lastUsed)}
                <span class="hint">{signIn.ends === undefined ? t.endsNever : t.ends(signIn.ends)}</span>
              </div>
              <Form action={`${path}/end`} csrfToken={csrfToken}>
                <button type="submit" name="sign_in" value={signIn.id} aria-label={t.endLabel(signIn.since)}>
                  {t.end}
                </button>
              </Form>
            </li>
          ))}
        </ul>
      </div>
      <Form action={path} csrfToken={csrfToken}>
        <p>{t.keep}</p>
        <Permissions rows={permissions} nothingChosen={false} />
        <div class="actions">
          <button type="submit" class="primary">
            {t.narrow}
          </button>
          <a class="button" href="/settings/authorized-apps">
            {texts.settings.cancel}
          </a>
        </div>
      </Form>
      <div class="part">
        <p>{t.revokeNote}</p>
        <Form action={`${path}/revoke`} csrfToken={csrfToken}>
          <div class="actions">
            <button type="submit" class="danger">
              {t.revoke}
            </button>
          </div>
        </Form>
      </div>
    </SettingsFrame>
  )
}
