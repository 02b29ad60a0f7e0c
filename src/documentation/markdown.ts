import { posix } from 'node:path'
import MarkdownIt, { type Token } from 'markdown-it'

/**
 * A file of docs/ as HTML. Headings get ids as GitHub makes them, links to other files of docs/ lead to their pages, and
 * wide blocks scroll by keyboard too.
 * @param file its path below docs/
 */
export function renderChapter(text: string, file: string): string {
  const markdown = new MarkdownIt({ html: false, linkify: false })
  markdown.core.ruler.push('addresses', ({ tokens }) => {
    tokens.forEach((token, index) => {
      if (token.type === 'heading_open') token.attrSet('id', headingId(tokens[index + 1]?.content ?? ''))
      readdress(token.children ?? [], file)
    })
  })
  markdown.renderer.rules.table_open = () => '<div class="scrolls" tabindex="0" role="group"><table>\n'
  markdown.renderer.rules.table_close = () => '</table></div>\n'
  const fence = markdown.renderer.rules.fence
  markdown.renderer.rules.fence = (...given) => (fence?.(...given) ?? '').replace('<pre>', '<pre tabindex="0">')
  return markdown.render(text)
}

/** Links to other pages lead there; those to files beyond docs/, which no pod serves, become plain text. */
function readdress(tokens: Token[], file: string): void {
  tokens.forEach((token, index) => {
    const href = token.type === 'link_open' ? token.attrGet('href') : null
    if (typeof href !== 'string' || /^([a-z]+:|#|\/)/i.test(href)) return
    const [path = '', anchor] = href.split('#')
    const target = posix.normalize(posix.join(posix.dirname(file), path))
    if (target.endsWith('.md') && !target.startsWith('..')) {
      token.attrSet('href', `${addressOf(target)}${anchor === undefined ? '' : `#${anchor}`}`)
      return
    }
    token.tag = 'span'
    token.attrs = null
    const end = tokens.slice(index).find(({ type }) => type === 'link_close')
    if (end !== undefined) end.tag = 'span'
  })
}

function addressOf(target: string): string {
  const page = target.replace(/(^|\/)README\.md$|\.md$/, '')
  return page === '' ? '/docs' : `/docs/${page}`
}

function headingId(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replace(/\s/g, '-')
}
