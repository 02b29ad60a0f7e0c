import { readdirSync, readFileSync } from 'node:fs'
import { renderChapter } from './markdown.ts'

/** One page of the documentation. */
export interface Chapter {
  /** `rate-limits`, `decisions/0001-…`; empty for the first page. */
  path: string
  title: string
  html: string
}

const folder = new URL('../../docs/', import.meta.url)

/** All of docs/, rendered. `README.md` is the first page, and lists the others. */
export function readChapters(): Map<string, Chapter> {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.md'))
  return new Map(files.map((file) => chapterOf(file)).map((chapter) => [chapter.path, chapter]))
}

function chapterOf(file: string): Chapter {
  const text = readFileSync(new URL(file, folder), 'utf8')
  const title = /^# (.+)$/m.exec(text)?.[1]
  if (title === undefined) throw new Error(`docs/${file} needs a heading`)
  return {
    path: file.replace(/(^|\/)README\.md$|\.md$/, ''),
    title: title.replaceAll('`', ''),
    html: renderChapter(text, file),
  }
}
