import { z } from 'zod'
import { yesOrNo } from '../../http/wire.ts'
import { Problem } from '../../lib/problem.ts'
import { renderRichText } from '../../lib/rich-text.ts'
import type { Routes } from '../../services.ts'

const longestText = 50_000

const previewRequest = z.object({ text: z.unknown().optional(), permissive: yesOrNo.catch(false) })

/** /api/v1/text-preview: how Markdown will look. */
export const textPreviewRoutes: Routes = async (app) => {
  app.post(
    '/',
    {
      config: { access: 'public', throttle: 'wildcard' },
      schema: {
        summary: 'Render Markdown',
        body: previewRequest,
        response: { 200: z.object({ rendered: z.string() }) },
      },
    },
    async (request) => {
      const { text, permissive } = request.body
      if (typeof text !== 'string' || text.length > longestText) throw new Problem('malformed', 'Invalid input')
      return { rendered: renderRichText(text, 'text/markdown', { permissive }) }
    },
  )
}
