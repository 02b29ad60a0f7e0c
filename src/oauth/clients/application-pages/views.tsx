import { Copyable } from '../../../http/copyable.tsx'
import type { PageContext } from '../../../http/layout.tsx'
import { Notice } from '../../../http/notice.tsx'
import { Field, Form, PasswordAgain, TextArea } from '../../../http/page-form.tsx'
import { SettingsFrame } from '../../../http/settings-frame.tsx'
import { Name } from '../../../http/untrusted.tsx'
import { texts } from '../../../texts/en.ts'
import { ScopeTable } from './scope-table.tsx'

const t = texts.applications

export interface ApplicationOnPage {
  clientId: string
  name: string
  scopes: string[]
  /** For people. */
  created: string
}

/** Everything a form had when it was sent, and what is wrong with it by field. */
export interface ApplicationForm {
  name: string
  redirectUris: string
  scopes: string[]
  errors: Record<string, string | undefined>
}

export const ApplicationsPage = ({ page, applications }: { page: PageContext; applications: ApplicationOnPage[] }) => (
  <SettingsFrame page={page} section="applications">
    <p>{t.lede}</p>
    <p class="actions">
      <a class="button primary" href="/settings/applications/new">
        {t.create}
      </a>
    </p>
    {applications.length === 0 && <p class="muted">{t.none}</p>}
    <ul class="list">
      {applications.map(({ clientId, name, scopes, created }) => (
        <li>
          <div>
            <strong>
              <Name>{name}</Name>
            </strong>
            <span class="hint">{t.created(created)}</span>
            <code>{scopes.join(' ')}</code>
          </div>
          <a class="button" href={editPath(clientId)}>
            {t.edit} <span class="visually-hidden">{name}</span>
          </a>
        </li>
      ))}
    </ul>
  </SettingsFrame>
)

interface NewApplicationProps {
  page: PageContext
  csrfToken: string
  form: ApplicationForm
}

export const NewApplicationPage = ({ page, csrfToken, form }: NewApplicationProps) => (
  <SettingsFrame page={page} section="applications" title={t.newTitle}>
    <Form action="/settings/applications/new" csrfToken={csrfToken}>
      <Fields form={form} />
      <div class="actions">
        <button type="submit" class="primary">
          {t.submit}
        </button>
        <a class="button" href="/settings/applications">
          {texts.settings.cancel}
        </a>
      </div>
    </Form>
  </SettingsFrame>
)

const Fields = ({ form }: { form: ApplicationForm }) => (
  <>
    <Field name="name" label={t.name} hint={t.nameHint} value={form.name} error={form.errors.name} maxlength={255} />
    <TextArea
      name="redirect_uris"
      label={t.redirectUris}
      hint={t.redirectUrisHint}
      value={form.redirectUris}
      error={form.errors.redirect_uris}
      rows={3}
    />
    <ScopeTable chosen={form.scopes} error={form.errors.scopes} />
  </>
)

interface EditApplicationProps {
  page: PageContext
  csrfToken: string
  application: ApplicationOnPage
  form: ApplicationForm
  /** Shown this once. */
  shown: { secret?: string; token?: string }
  saved: boolean
  /** The password has to be given again. */
  asksPassword: boolean
  passwordError?: string | undefined
}

export function EditApplicationPage(props: EditApplicationProps) {
  const { page, csrfToken, application, form, saved } = props
  return (
    <SettingsFrame page={page} section="applications" title={application.name}>
      {saved && <Notice tone="success">{texts.settings.saved}</Notice>}
      <Credentials {...props} />
      <Form action={editPath(application.clientId)} csrfToken={csrfToken}>
        <Fields form={form} />
        <div class="actions">
          <button type="submit" class="primary">
            {texts.settings.save}
          </button>
        </div>
      </Form>
      <Renewal {...props} />
      <p class="part">
        <a class="button danger" href={`/settings/applications/${application.clientId}/delete`}>
          {t.delete}
        </a>
      </p>
    </SettingsFrame>
  )
}

function Credentials({ application, shown }: EditApplicationProps) {
  const { secret, token } = shown
  return (
    <dl class="endpoints">
      <div>
        <dt>{t.clientId}</dt>
        <dd>
          <Copyable id="client-id" value={application.clientId} label={t.clientId} />
        </dd>
      </div>
      {secret !== undefined && (
        <div>
          <dt>{t.clientSecret}</dt>
          <dd>
            <Copyable id="client-secret" value={secret} label={t.clientSecret} />
          </dd>
        </div>
      )}
      {token !== undefined && (
        <div>
          <dt>{t.token}</dt>
          <dd>
            <Copyable id="access-token" value={token} label={t.token} />
          </dd>
        </div>
      )}
      {(secret ?? token) !== undefined && <Notice tone="caution">{t.secretsOnce}</Notice>}
      {token !== undefined && <p class="hint">{t.tokenUse}</p>}
    </dl>
  )
}

const Renewal = ({ application, csrfToken, asksPassword, passwordError }: EditApplicationProps) => (
  <div class="part">
    <p>{t.tokenHidden}</p>
    <Form action={`/settings/applications/${application.clientId}/renew`} csrfToken={csrfToken}>
      {asksPassword && (
        <PasswordAgain label={texts.settings.yourPassword} hint={texts.settings.passwordHint} error={passwordError} />
      )}
      <div class="actions">
        <button type="submit" name="what" value="token">
          {t.renewToken}
        </button>
        <button type="submit" name="what" value="secret">
          {t.renewSecret}
        </button>
      </div>
      <p class="hint">{t.renewed}</p>
    </Form>
  </div>
)

interface DeleteApplicationProps {
  page: PageContext
  csrfToken: string
  application: Pick<ApplicationOnPage, 'clientId' | 'name'>
  /** Sign-ins of people that end with it. */
  uses: number
}

export const DeleteApplicationPage = ({ page, csrfToken, application, uses }: DeleteApplicationProps) => (
  <SettingsFrame page={page} section="applications" title={t.deleteTitle(application.name)}>
    <p>{t.deleteNote(uses)}</p>
    <Form action={`/settings/applications/${application.clientId}/delete`} csrfToken={csrfToken}>
      <div class="actions">
        <a class="button" href={editPath(application.clientId)}>
          {texts.settings.cancel}
        </a>
        <button type="submit" class="danger">
          {t.deleteSubmit}
        </button>
      </div>
    </Form>
  </SettingsFrame>
)

export function editPath(clientId: string): string {
  return `/settings/applications/${clientId}/edit`
}
