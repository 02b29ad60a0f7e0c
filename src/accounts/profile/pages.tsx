import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { userOf } from '../../access/principal.ts'
import { showOnce, takeShownOnce } from '../../http/flash.ts'
import { UploadedFile } from '../../http/multipart.ts'
import { Problem } from '../../lib/problem.ts'
import { addAttachment } from '../../media/attachments.ts'
import { largestUploadBytes } from '../../media/pictures.ts'
import { attachmentUrl } from '../../media/representation.ts'
import type { Routes, Services } from '../../services.ts'
import { texts } from '../../texts/en.ts'
import { changeProfile, findProfile, type Profile } from './profile.ts'
import { type ProfileForm, ProfilePage } from './views.tsx'

const text = z.preprocess((value) => (Array.isArray(value) ? value.at(-1) : (value ?? '')), z.string())

const privacyLevels = Object.keys(texts.profile.privacyLevels) as [string, ...string[]]

const profileForm = z.object({
  name: text,
  summary: text,
  privacy_level: z.enum(privacyLevels).catch('instance'),
  avatar: z.unknown().optional(),
})

/** /settings */
export const profilePages: Routes = async (app, { services }) => {
  const { db, cookies } = services

  app.get('/', { config: { access: 'session', throttle: 'retrieve' } }, async (request, reply) => {
    const profile = await findProfile(db, userOf(request).userId)
    return sendForm(services, { profile, form: formOf(profile), errors: {} }, request, reply)
  })

  app.post(
    '/',
    {
      config: { access: 'session', throttle: 'update', largestFile: largestUploadBytes },
      schema: { body: profileForm },
    },
    async (request, reply) => {
      const { name, summary, privacy_level: privacyLevel, avatar } = request.body
      const form = { name: name.trim(), summary: summary.trim(), privacyLevel }
      const { userId } = userOf(request)
      const errors = { ...lengthFaults(form) }
      if (Object.keys(errors).length === 0) Object.assign(errors, await save(services, userId, form, avatar))
      if (Object.keys(errors).length > 0) {
        return sendForm(services, { profile: await findProfile(db, userId), form, errors }, request, reply)
      }
      showOnce(reply, cookies, { saved: 'yes' })
      return reply.redirect('/settings', 303)
    },
  )
}

function lengthFaults({ name, summary }: ProfileForm): Record<string, string> {
  return {
    ...(name.length > 255 && { name: texts.forms.tooLong(255) }),
    ...(summary.length > 5000 && { summary: texts.forms.tooLong(5000) }),
  }
}

/** @returns what is wrong, by field */
async function save(services: Services, userId: number, form: ProfileForm, avatar: unknown) {
  try {
    const { db, pictures } = services
    const { name, summary, privacyLevel } = form
    const picture = await keepPicture(services, userId, avatar)
    await changeProfile({ db, pictures }, userId, {
      name,
      privacyLevel,
      summary: summary === '' ? null : { text: summary, type: 'text/plain' },
      ...(picture !== undefined && { avatar: picture }),
    })
    return {}
  } catch (error) {
    if (!(error instanceof Problem) || error.kind !== 'invalid') throw error
    return {
      avatar:
        Object.values(error.fields ?? {})
          .flat(3)
          .join(' ') || error.message,
    }
  }
}

/** A browser sends an empty file when none was chosen. */
async function keepPicture({ db, pictures }: Services, ownerId: number, avatar: unknown): Promise<string | undefined> {
  if (!(avatar instanceof UploadedFile) || avatar.bytes.length === 0) return undefined
  return (await addAttachment(db, pictures, { ownerId, bytes: avatar.bytes })).uuid
}

function formOf({ name, summaryText, privacyLevel }: Profile): ProfileForm {
  return { name, summary: summaryText ?? '', privacyLevel }
}

function sendForm(
  { pages, csrf, cookies, config }: Services,
  shown: { profile: Profile; form: ProfileForm; errors: Record<string, string> },
  request: FastifyRequest,
  reply: FastifyReply,
) {
  const { avatar } = shown.profile
  const view = (
    <ProfilePage
      page={pages.context(request, reply)}
      csrfToken={csrf.tokenFor(request, reply)}
      form={shown.form}
      avatarUrl={avatar === null ? undefined : attachmentUrl(avatar, 'medium_square_crop', config.publicUrl)}
      errors={shown.errors}
      saved={takeShownOnce(request, reply, cookies).saved !== undefined}
    />
  )
  return pages.send(reply, view, { status: Object.keys(shown.errors).length === 0 ? 200 : 422 })
}
