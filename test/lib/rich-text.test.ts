import fc from 'fast-check'
import { parse } from 'node-html-parser'
import { describe, expect, it } from 'vitest'
import { renderRichText, richTextTypes } from '../../src/lib/rich-text.ts'

describe('renderRichText', () => {
  it('makes paragraphs and line breaks of plain text, and shows its signs as they are', () => {
    expect(renderRichText('Hello', 'text/plain')).toBe('<p>Hello</p>')
    expect(renderRichText('a & <b>\nc\r\n\r\n\nd "e"', 'text/plain')).toBe(
      '<p>a &amp; &lt;b&gt;<br />c</p>\n<p>d "e"</p>',
    )
    expect(renderRichText('', 'text/plain')).toBe('')
  })

  it('renders Markdown, with links from bare addresses', () => {
    expect(renderRichText('*Hi* **all**\n\n- one\n- two', 'text/markdown')).toBe(
      '<p><em>Hi</em> <strong>all</strong></p>\n<ul>\n<li>one</li>\n<li>two</li>\n</ul>',
    )
    expect(renderRichText('see https://example.org/x', 'text/markdown')).toBe(
      '<p>see <a href="https://example.org/x" rel="nofollow noopener noreferrer">https://example.org/x</a></p>',
    )
  })

  it('shows HTML in Markdown instead of obeying it', () => {
    expect(renderRichText('<script>alert(1)</script>', 'text/markdown')).toBe(
      '<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>',
    )
  })

  it('keeps headings, tables and rules only where it may', () => {
    const text = '# Rules\n\n|a|b|\n|-|-|\n|1|2|\n\n---'
    expect(renderRichText(text, 'text/markdown')).not.toMatch(/<(h1|table|hr)/)
    expect(renderRichText(text, 'text/markdown', { permissive: true })).toMatch(/<h1>Rules<\/h1>.*<table>.*<hr \/>/s)
  })

  it.each([
    '<script>alert(1)</script>',
    '<img src=x onerror=alert(1)>',
    '<a href="javascript:alert(1)">x</a>',
    '<a href=" java\tscript:alert(1)">x</a>',
    '<a href="data:text/html,x">x</a>',
    '<a href="//evil.example">x</a>',
    '<a href="/logout">x</a>',
    '<p style="position:fixed" class="c" id="i" onclick="x()">x</p>',
    '<svg><style><img src=x onerror=alert(1)></style></svg>',
    '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">',
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
    '<iframe srcdoc="<script>x</script>"></iframe>',
    '<form action="/x"><input name="csrfmiddlewaretoken"></form>',
    '<xmp><img src=x onerror=alert(1)></xmp>',
    '<base href="https://evil.example/"><meta http-equiv="refresh" content="0;url=https://evil.example/">',
  ])('lets nothing through that runs, loads or looks like the page: %s (S67)', (html) => {
    expectHarmless(renderRichText(html, 'text/html', { permissive: true }))
  })

  it('is harmless whatever it is given, and needs no second cleaning (S67)', () => {
    const bits = [
      '<',
      '>',
      '"',
      "'",
      '`',
      '&',
      '=',
      '/',
      '<a href="',
      '<p',
      '<svg>',
      '<style>',
      '</',
      '<!--',
      '-->',
      'x',
    ]
    const texts = fc
      .array(fc.oneof(fc.constantFrom(...bits), fc.string()), { maxLength: 30 })
      .map((all) => all.join(''))
    fc.assert(
      fc.property(texts, fc.constantFrom(...richTextTypes), (text, type) => {
        const html = renderRichText(text, type)
        expectHarmless(html)
        expect(renderRichText(html, 'text/html')).toBe(html)
      }),
    )
  })

  it.each(['<b>', '<iframe>', '<p><b>', '> ', '>', '1. ', '*a_', '[a](', '**a', '<!--', '||\n|-|\n', '&amp;'])(
    'stays quick on 50,000 characters of %j (S61)',
    (bit) => {
      const text = bit.repeat(50_000 / bit.length)
      const started = process.cpuUsage()
      for (const type of richTextTypes) renderRichText(text, type, { permissive: true })
      expect(process.cpuUsage(started).user / 1000).toBeLessThan(1500)
    },
  )
})

const harmlessAttributes = ['href', 'title', 'rel']

function expectHarmless(html: string): void {
  const tags = parse(html).querySelectorAll('*')
  for (const tag of tags) {
    expect(tag.rawTagName).toMatch(
      /^(a|abbr|acronym|b|blockquote|br|code|em|i|li|ol|p|strong|ul|h[1-6]|del|div|hr|pre|s|table|thead|tbody|tr|th|td)$/,
    )
    expect(harmlessAttributes).toEqual(expect.arrayContaining(Object.keys(tag.attributes)))
    const { href } = tag.attributes
    if (href !== undefined) expect(href).toMatch(/^(https?:\/\/|mailto:)/i)
  }
}
