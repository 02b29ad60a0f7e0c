import { z } from 'zod'
import { assetAddresses } from '../../http/assets.ts'
import { shortDate } from '../../http/dates.ts'
import { type RichTextType, renderRichText } from '../../lib/rich-text.ts'
import { attachmentUrl } from '../../media/representation.ts'
import type { Routes } from '../../services.ts'
import { findProfileOf, type Profile } from '../profile/profile.ts'
import { PublicProfilePage } from './views.tsx'

const path = z.object({ username: z.string().max(150) })

/** /@username: who somebody is, for people. Whoever may read the pod's API may read this. */
export const publicProfilePages: Routes = async (app, { services: { db, pages } }) => {
  const { avatar: noAvatar } = assetAddresses()

  app.get(
    '/@:username',
    { config: { access: 'reader', throttle: 'retrieve' }, schema: { params: path } },
    async (request, reply) => {
      const user = await findProfileOf(db, request.params.username)
      const shown = {
        username: user.username,
        name: user.name || user.username,
        avatarUrl: user.avatar === null ? noAvatar : attachmentUrl(user.avatar, 'medium_square_crop', ''),
        since: shortDate(user.createdAt),
        summary: summaryOf(user),
      }
      return pages.send(reply, <PublicProfilePage page={pages.context(request, reply)} person={shown} />)
    },
  )
}

function summaryOf({ summaryText, summaryContentType }: Profile): string {
  if (summaryText === null || summaryContentType === null) return ''
  return renderRichText(summaryText, summaryContentType as RichTextType)
}
