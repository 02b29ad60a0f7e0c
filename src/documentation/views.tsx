import { Layout, type PageContext } from '../http/layout.tsx'
import { documentationTexts as texts } from '../texts/en-documentation.ts'
import type { Chapter } from './chapters.ts'

export function ChapterPage({ page, chapter }: { page: PageContext; chapter: Chapter }) {
  return (
    <Layout page={page} title={chapter.title} width="wide">
      {chapter.path !== '' && (
        <nav aria-label={texts.title}>
          <a href="/docs">{texts.all}</a>
        </nav>
      )}
      {/* Our own files, in which the renderer lets no HTML through. */}
      <article class="document" dangerouslySetInnerHTML={{ __html: chapter.html }} />
    </Layout>
  )
}
