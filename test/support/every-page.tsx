import type { VNode } from 'preact'
import { AccountDeletedPage, DeleteAccountPage } from '../../src/accounts/deletion/views.tsx'
import { EmailPage } from '../../src/accounts/email-address/views.tsx'
import {
  CheckMailPage,
  ConfirmEmailPage,
  DeadConfirmationPage,
  EmailConfirmedPage,
} from '../../src/accounts/email-confirmation/views.tsx'
import { LoginPage, LogoutPage, SignedOutPage } from '../../src/accounts/login/views.tsx'
import { PasswordChangePage } from '../../src/accounts/password-change/views.tsx'
import {
  AskResetPage,
  DeadResetLinkPage,
  ResetMailedPage,
  SetPasswordPage,
} from '../../src/accounts/password-reset/views.tsx'
import { ProfilePage } from '../../src/accounts/profile/views.tsx'
import { PublicProfilePage } from '../../src/accounts/public-profile/views.tsx'
import { SecurityPage, SessionsPage } from '../../src/accounts/session-list/views.tsx'
import { SignUpPage } from '../../src/accounts/signup/views.tsx'
import { type Endpoints, HomePage } from '../../src/home/views.tsx'
import { ErrorPage } from '../../src/http/error-page.tsx'
import type { PageContext } from '../../src/http/layout.tsx'
import type { ConsentProps } from '../../src/oauth/authorization/consent.tsx'
import type { PermissionRow } from '../../src/oauth/authorization/permissions.tsx'
import {
  AccountStatePage,
  AuthorizationErrorPage,
  CodePage,
  ConsentPage,
  DeniedPage,
  RequestOverPage,
} from '../../src/oauth/authorization/views.tsx'
import {
  ApplicationsPage,
  DeleteApplicationPage,
  EditApplicationPage,
  NewApplicationPage,
} from '../../src/oauth/clients/application-pages/views.tsx'
import { DeviceCodePage, DeviceConsentPage, DeviceDonePage } from '../../src/oauth/device/views.tsx'
import { AuthorizedAppPage, AuthorizedAppsPage, EndAllPage } from '../../src/oauth/grants/views.tsx'
import { type PermissionTopic, texts } from '../../src/texts/en.ts'

export const aPage: PageContext = {
  podName: 'pod.example',
  assets: { stylesheet: '/assets/pages.css?v=1', script: '/assets/pages.js?v=1', icon: '/assets/icon.svg?v=1' },
}

export const aSignedInPage: PageContext = { ...aPage, signedIn: { username: 'alice', name: '', csrfToken: 'csrf-1' } }

export const topics = Object.keys(texts.permissions) as PermissionTopic[]

export const everyPermission: PermissionRow[] = topics.map((base) => ({
  base,
  read: { leaf: `read:${base}`, checked: true },
  ...('change' in texts.permissions[base] && { write: { leaf: `write:${base}`, checked: true } }),
}))

export function aConsent(changes: Partial<ConsentProps> = {}): ConsentProps {
  return {
    page: aPage,
    user: { username: 'alice', name: 'Alice' },
    client: { name: 'Tempo', website: 'https://tempo.example/' },
    permissions: everyPermission,
    requestId: 'request-1',
    csrfToken: 'csrf-1',
    switchAccountAction: '/logout?next=%2Fauthorize',
    ...changes,
  }
}

function settingsPages(page: PageContext, text: string): Record<string, VNode> {
  const application = { clientId: 'client-1', name: text, scopes: [text], created: text }
  const form = {
    name: text,
    redirectUris: text,
    scopes: ['read'],
    errors: { name: text, redirect_uris: text, scopes: text },
  }
  const app = { clientId: 'client-1', name: text, website: text, since: text, lastUsed: text, may: [text] }
  const session = { key: text, browser: text, address: text, since: text, lastSeen: text, isCurrent: false }
  const frame = { page, csrfToken: text }
  return {
    applications: <ApplicationsPage page={page} applications={[application]} />,
    newApplication: <NewApplicationPage {...frame} form={form} />,
    editApplication: (
      <EditApplicationPage
        {...frame}
        application={application}
        form={form}
        shown={{ secret: text, token: text }}
        saved
        asksPassword
        passwordError={text}
      />
    ),
    deleteApplication: <DeleteApplicationPage {...frame} application={application} uses={2} />,
    authorizedApps: <AuthorizedAppsPage page={page} apps={[app, app]} order="used" />,
    authorizedApp: (
      <AuthorizedAppPage
        {...frame}
        app={app}
        permissions={everyPermission}
        signIns={[
          { id: '1', since: text, lastUsed: text, ends: text },
          { id: '2', since: text, lastUsed: text, ends: undefined },
        ]}
        saved
      />
    ),
    endAll: <EndAllPage {...frame} signIns={2} />,
    sessions: <SessionsPage {...frame} sessions={[session, { ...session, isCurrent: true }]} />,
    security: <SecurityPage page={page} events={[{ what: text, when: text, from: text }]} newer="/a" older="/b" />,
    profile: (
      <ProfilePage
        {...frame}
        form={{ name: text, summary: text, privacyLevel: 'me' }}
        avatarUrl="/media/attachments/1/medium_square_crop.png"
        errors={{ name: text, summary: text, avatar: text }}
        saved
      />
    ),
    publicProfile: (
      <PublicProfilePage
        page={page}
        person={{
          username: 'alice',
          name: text,
          avatarUrl: '/assets/avatar.png',
          since: text,
          summary: '<p>Hello</p>',
        }}
      />
    ),
    email: (
      <EmailPage
        {...frame}
        current={text}
        email={text}
        errors={{ email: text, password: text }}
        asksPassword
        sentTo={text}
      />
    ),
    deleteAccount: <DeleteAccountPage {...frame} errors={{ password: text, confirm: text }} />,
    accountDeleted: <AccountDeletedPage page={page} />,
    passwordChange: (
      <PasswordChangePage {...frame} username={text} errors={{ old_password: text, new_password2: text }} saved />
    ),
  }
}

function joiningPages(page: PageContext, text: string): Record<string, VNode> {
  const frame = { page, csrfToken: text }
  const form = { username: text, email: text, invitation: text }
  const setPassword = { link: { uid: text, token: text }, username: text, passwordMinLength: 8, error: text }
  return {
    signUp: <SignUpPage {...frame} next={text} isOpen={false} passwordMinLength={8} form={form} errors={form} />,
    askReset: <AskResetPage {...frame} email={text} error={text} />,
    resetMailed: <ResetMailedPage page={page} mailedTo={text} />,
    setPassword: <SetPasswordPage {...frame} {...setPassword} />,
    deadResetLink: <DeadResetLinkPage page={page} />,
    checkMail: <CheckMailPage {...frame} mailedTo={text} email={text} error={text} />,
    deadConfirmation: <DeadConfirmationPage {...frame} email={text} />,
    confirmEmail: <ConfirmEmailPage {...frame} confirmationKey={text} email={text} username={text} />,
    emailConfirmed: <EmailConfirmedPage page={page} />,
  }
}

/** Every page there is, with `text` wherever someone else may choose the words. */
export function everyPage(text: string): Record<string, VNode> {
  const page = { ...aPage, podName: text, signedIn: { username: text, name: text, csrfToken: text } }
  const client = { name: text, website: text }
  const consent = aConsent({
    page,
    client,
    user: page.signedIn,
    requestId: text,
    csrfToken: text,
    switchAccountAction: text,
    nothingChosen: true,
  })
  const names = Object.keys(texts.home.endpoints) as (keyof Endpoints)[]
  const endpoints = Object.fromEntries(names.map((name) => [name, text])) as Endpoints
  return {
    home: <HomePage page={page} endpoints={endpoints} />,
    login: <LoginPage page={aPage} csrfToken={text} next={text} username={text} error={text} client={client} />,
    ...joiningPages(page, text),
    logout: <LogoutPage page={page} csrfToken={text} name={text} />,
    signedOut: <SignedOutPage page={page} />,
    consent: <ConsentPage {...consent} action={text} redirect={{ kind: 'web', target: text, insecure: true }} />,
    code: <CodePage page={page} client={client} code={text} validSeconds={300} codeInTitle />,
    denied: <DeniedPage page={page} client={client} />,
    authorizationError: <AuthorizationErrorPage page={page} reason="redirect-uri" details={text} />,
    accountState: <AccountStatePage page={page} state="unconfirmed" />,
    requestOver: <RequestOverPage page={page} reason="expired" client={client} />,
    device: <DeviceCodePage page={page} csrfToken={text} userCode={text} unknown />,
    deviceConsent: <DeviceConsentPage {...consent} userCode={text} />,
    deviceDone: <DeviceDonePage page={page} outcome="allowed" client={client} />,
    ...settingsPages(page, text),
    error: <ErrorPage page={page} status={429} message={text} retryAfterSeconds={5} reference={text} />,
  }
}
