import MarkdownIt from 'markdown-it'
import sanitizeHtml from 'sanitize-html'

export const richTextTypes = ['text/plain', 'text/markdown', 'text/html'] as const

export type RichTextType = (typeof richTextTypes)[number]

const plainTags = ['a', 'abbr', 'acronym', 'b', 'blockquote', 'br', 'code', 'em', 'i', 'li', 'ol', 'p', 'strong', 'ul']
const headings = ['h1', 'h2', 'h3', 'h4', 'h5', 'h6']
const permissiveTags = [...plainTags, ...headings, 'del', 'div', 'hr', 'pre', 's']
const tables = ['table', 'thead', 'tbody', 'tr', 'th', 'td']

const markdown = new MarkdownIt({ html: false, linkify: true, breaks: true })

interface RenderOptions {
  /** Headings, tables and preformatted text as well: for what those who run the pod write. */
  permissive?: boolean
}

/**
 * What somebody wrote, as HTML that is safe to put into a page: a few tags, no pictures, no styles, and links that lead
 * to the web or to a mailbox and vouch for nothing.
 */
export function renderRichText(text: string, type: RichTextType, { permissive = false }: RenderOptions = {}): string {
  return sanitizeHtml(toHtml(text, type), {
    allowedTags: permissive ? [...permissiveTags, ...tables] : plainTags,
    allowedAttributes: { a: ['href', 'title', 'rel'], abbr: ['title'], acronym: ['title'] },
    allowedSchemes: ['http', 'https', 'mailto'],
    allowProtocolRelative: false,
    nestingLimit: 30,
    transformTags: { a: (tagName, { href, title }) => ({ tagName, attribs: linkAttributes(href, title) }) },
  }).trim()
}

function linkAttributes(href: string | undefined, title: string | undefined): sanitizeHtml.Attributes {
  if (href === undefined || !/^(https?:\/\/|mailto:)/i.test(href)) return {}
  return { href, ...(title !== undefined && { title }), rel: 'nofollow noopener noreferrer' }
}

function toHtml(text: string, type: RichTextType): string {
  if (type === 'text/html') return text
  return type === 'text/markdown' ? markdown.render(text) : paragraphs(text)
}

function paragraphs(text: string): string {
  const blocks = text.split(/(?:\r\n?|\n){2,}/).filter((block) => block.trim() !== '')
  return blocks.map((block) => `<p>${escapeHtml(block.trim()).replace(/\r\n?|\n/g, '<br>')}</p>`).join('\n')
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
