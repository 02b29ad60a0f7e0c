import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { userOf } from '../../../access/principal.ts'
import { parseScopeNames } from '../../../access/scopes.ts'
import type { Client } from '../../../db/generated/client.ts'
import { shortDate } from '../../../http/dates.ts'
import { showOnce, takeShownOnce } from '../../../http/flash.ts'
import { Problem } from '../../../lib/problem.ts'
import type { Routes, Services } from '../../../services.ts'
import { texts } from '../../../texts/en.ts'
import {
  countUses,
  defaultGrantTypes,
  deleteClient,
  findOwnClient,
  listOwnClients,
  readRedirectUris,
  registerClient,
  renewApplicationToken,
  renewSecret,
  updateClient,
} from '../clients.ts'
import { clientPath } from '../schemas.ts'
import {
  type ApplicationForm,
  ApplicationsPage,
  DeleteApplicationPage,
  EditApplicationPage,
  editPath,
  NewApplicationPage,
} from './views.tsx'

const single = z.preprocess((value) => (Array.isArray(value) ? value.at(-1) : value), z.string().max(4096).optional())
const several = z.preprocess((value) => [value ?? []].flat(), z.array(z.string().max(100)).max(100))

const applicationForm = z.object({ name: single, redirect_uris: single, scopes: several })
const prefill = z.object({ name: single, redirect_uris: single, scopes: single })
const renewal = z.object({ what: z.enum(['token', 'secret']), password: single })

const outOfBand = 'urn:ietf:wg:oauth:2.0:oob'
/** More applications than anybody has. */
const everything = { skip: 0, take: 500 }

/** /settings/applications: the clients a user has made. */
export const applicationPages: Routes = async (app, { services }) => {
  const { db, cookies, pages, trail } = services
  const see = { access: 'session', throttle: 'retrieve' } as const
  const change = { access: 'session', throttle: 'update' } as const

  app.get('/', { config: see }, async (request, reply) => {
    const { clients } = await listOwnClients(db, userOf(request).userId, everything)
    const applications = clients.map(onPage)
    return pages.send(reply, <ApplicationsPage page={pages.context(request, reply)} applications={applications} />)
  })

  app.get('/new', { config: see, schema: { querystring: prefill } }, async (request, reply) => {
    const { name = '', redirect_uris = outOfBand, scopes = 'read' } = request.query
    const form = { name, redirectUris: redirect_uris, scopes: parseScopeNames(scopes), errors: {} }
    return sendNew(services, form, request, reply)
  })

  app.post(
    '/new',
    { config: { access: 'session', throttle: 'oauth-app' }, schema: { body: applicationForm } },
    async (request, reply) => {
      const form = formOf(request.body)
      const { userId } = userOf(request)
      const checked = checkForm(services, form)
      if (checked === undefined) return sendNew(services, form, request, reply)
      const made = { ...checked, grantTypes: defaultGrantTypes, origin: 'funkwhale', ownerId: userId } as const
      const { client, secret = '', applicationToken = '' } = await registerClient(db, made)
      trail.record(request, { userId, kind: 'client-created', client: client.name })
      showOnce(reply, cookies, { client: client.clientId, secret, token: applicationToken })
      return reply.redirect(editPath(client.clientId), 303)
    },
  )

  app.get('/:client_id/edit', { config: see, schema: { params: clientPath } }, async (request, reply) => {
    const client = await findOwnClient(db, request.params.client_id, userOf(request).userId)
    return sendEdit(services, { client }, request, reply)
  })

  app.post(
    '/:client_id/edit',
    { config: change, schema: { params: clientPath, body: applicationForm } },
    async (request, reply) => {
      const ownerId = userOf(request).userId
      const client = await findOwnClient(db, request.params.client_id, ownerId)
      const form = formOf(request.body)
      const checked = checkForm(services, form)
      if (checked === undefined) return sendEdit(services, { client, form }, request, reply)
      await updateClient(db, { clientId: client.clientId, ownerId }, checked)
      showOnce(reply, cookies, { client: client.clientId, saved: 'yes' })
      return reply.redirect(editPath(client.clientId), 303)
    },
  )

  app.post(
    '/:client_id/renew',
    { config: { access: 'session', throttle: 'password-change' }, schema: { params: clientPath, body: renewal } },
    async (request, reply) => {
      const { userId } = userOf(request)
      const client = await findOwnClient(db, request.params.client_id, userId)
      const { what, password } = request.body
      const passwordError = await passwordFault(services, request, password)
      if (passwordError !== undefined) return sendEdit(services, { client, passwordError }, request, reply)
      showOnce(reply, cookies, { client: client.clientId, ...(await renew(services, client, userId, what)) })
      trail.record(request, { userId, kind: 'application-token-renewed', client: client.name })
      return reply.redirect(editPath(client.clientId), 303)
    },
  )

  app.get('/:client_id/delete', { config: see, schema: { params: clientPath } }, async (request, reply) => {
    const client = await findOwnClient(db, request.params.client_id, userOf(request).userId)
    const uses = await countUses(db, client.id)
    const context = { page: pages.context(request, reply), csrfToken: services.csrf.tokenFor(request, reply) }
    return pages.send(reply, <DeleteApplicationPage {...context} application={onPage(client)} uses={uses} />)
  })

  app.post('/:client_id/delete', { config: change, schema: { params: clientPath } }, async (request, reply) => {
    const { userId } = userOf(request)
    const client = await findOwnClient(db, request.params.client_id, userId)
    await deleteClient(db, client.clientId, userId)
    trail.record(request, { userId, kind: 'client-deleted', client: client.name })
    return reply.redirect('/settings/applications', 303)
  })
}

async function renew({ db }: Services, client: Client, ownerId: number, what: 'token' | 'secret') {
  if (what === 'secret') return { secret: (await renewSecret(db, client.clientId, ownerId)).secret ?? '' }
  return { token: (await renewApplicationToken(db, client.clientId, ownerId)).applicationToken ?? '' }
}

/** What is wrong with the password that was given again; undefined = it is right, or was not needed. */
async function passwordFault(services: Services, request: FastifyRequest, password: string | undefined) {
  try {
    await services.sudo.require(request, { password, field: 'password' })
    return undefined
  } catch (error) {
    if (error instanceof Problem && error.kind === 'invalid') return error.message
    throw error
  }
}

function formOf(body: z.output<typeof applicationForm>): ApplicationForm {
  const { name = '', redirect_uris = '', scopes } = body
  return { name, redirectUris: redirect_uris, scopes: [...new Set(scopes)], errors: {} }
}

/** What the form says, or undefined after noting in it what is wrong. */
function checkForm({ config }: Services, form: ApplicationForm) {
  const name = form.name.trim()
  if (name === '') form.errors.name = texts.forms.required
  if (form.scopes.length === 0) form.errors.scopes = texts.applications.noScopes
  try {
    const redirectUris = readRedirectUris(form.redirectUris, { allowHttp: config.allowHttpRedirectUris })
    return Object.keys(form.errors).length > 0 ? undefined : { name, redirectUris, scopes: form.scopes }
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    form.errors.redirect_uris = error.message
    return undefined
  }
}

function sendNew({ pages, csrf }: Services, form: ApplicationForm, request: FastifyRequest, reply: FastifyReply) {
  const context = { page: pages.context(request, reply), csrfToken: csrf.tokenFor(request, reply) }
  return pages.send(reply, <NewApplicationPage {...context} form={form} />, { status: statusOf(form) })
}

interface Edited {
  client: Client
  form?: ApplicationForm
  passwordError?: string
}

function sendEdit(services: Services, edited: Edited, request: FastifyRequest, reply: FastifyReply) {
  const { pages, csrf, cookies } = services
  const { client, passwordError } = edited
  const form = edited.form ?? storedForm(client)
  const shown = takeShownOnce(request, reply, cookies)
  const mine = shown.client === client.clientId ? shown : {}
  const view = (
    <EditApplicationPage
      page={pages.context(request, reply)}
      csrfToken={csrf.tokenFor(request, reply)}
      application={onPage(client)}
      form={form}
      shown={{ ...(mine.secret && { secret: mine.secret }), ...(mine.token && { token: mine.token }) }}
      saved={mine.saved !== undefined}
      asksPassword={!services.sudo.isFresh(request)}
      passwordError={passwordError}
    />
  )
  return pages.send(reply, view, { status: passwordError === undefined ? statusOf(form) : 422 })
}

function statusOf({ errors }: ApplicationForm): number {
  return Object.keys(errors).length === 0 ? 200 : 422
}

function storedForm({ name, redirectUris, scopes }: Client): ApplicationForm {
  return { name, redirectUris: redirectUris.join('\n'), scopes, errors: {} }
}

function onPage({ clientId, name, scopes, createdAt }: Client) {
  return { clientId, name, scopes, created: shortDate(createdAt) }
}
