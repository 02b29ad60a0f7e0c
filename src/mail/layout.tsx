import { renderToString } from 'preact-render-to-string'
import { texts } from '../texts/en.ts'
import { mails } from '../texts/en-mails.ts'
import type { MailContent, Pod } from './content.ts'

/** The mail for programs that show plain text. */
export function layOutText({ paragraphs, link, notes }: MailContent, pod: Pod): string {
  const blocks = [...paragraphs, ...(link === undefined ? [] : [link.url]), ...notes]
  return [...blocks, `-- \n${mails.signature(pod.name, pod.publicUrl)}`].join('\n\n')
}

// Mail programs keep styles that stand on the elements, and few others.
const body = 'margin: 0 auto; max-width: 34em; padding: 1.5em; font: 16px/1.5 system-ui, sans-serif'
const button =
  'display: inline-block; padding: 0.7em 1.3em; border-radius: 0.6em; background: #0b5f73; color: #fff; text-decoration: none'
const small = 'color: #5b6f77; font-size: 14px'

/** The mail for all others: nothing is loaded from anywhere. */
export function layOutHtml(content: MailContent, pod: Pod): string {
  return `<!doctype html>${renderToString(<Mail content={content} pod={pod} />)}`
}

function Mail({ content, pod }: { content: MailContent; pod: Pod }) {
  const { subject, paragraphs, link, notes } = content
  return (
    <html lang={texts.language}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{subject}</title>
      </head>
      <body style={body}>
        {paragraphs.map((text) => (
          <p key={text}>{text}</p>
        ))}
        {link !== undefined && <LinkWithAddress {...link} />}
        {notes.map((text) => (
          <p key={text}>{text}</p>
        ))}
        <p style={small}>{mails.signature(pod.name, pod.publicUrl)}</p>
      </body>
    </html>
  )
}

/** The address is written out for who would rather see where a link leads. */
function LinkWithAddress({ label, url }: { label: string; url: string }) {
  return (
    <>
      <p>
        <a href={url} style={button}>
          {label}
        </a>
      </p>
      <p style={small}>{url}</p>
    </>
  )
}
