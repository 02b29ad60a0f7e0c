import { z } from 'zod'
import { type RichTextType, renderRichText } from '../lib/rich-text.ts'

/** A description as the wire has it. */
export const content = z.object({ text: z.string(), content_type: z.string(), html: z.string() })

/** @param contentType one of the rich text types, if there is a text */
export function representContent(text: string | null, contentType: string | null): z.output<typeof content> | null {
  if (text === null || contentType === null) return null
  const html = renderRichText(text, contentType as RichTextType).replace(/[\r\n]+/g, '')
  return { text, content_type: contentType, html }
}
