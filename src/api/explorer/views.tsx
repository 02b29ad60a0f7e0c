import type { PageContext } from '../../http/layout.tsx'
import { Layout } from '../../http/layout.tsx'
import { explorerTexts as texts } from '../../texts/en-explorer.ts'

interface ExplorerProps {
  page: PageContext
  clientId: string
  redirectUri: string
}

export function ExplorerPage({ page, clientId, redirectUri }: ExplorerProps) {
  return (
    <Layout page={page} title={texts.title} width="full">
      <Files />
      <h1>{texts.title}</h1>
      <p>{texts.intro(<a href="/api/openapi.json">OpenAPI 3.1</a>, <a href="/api/openapi.yaml">YAML</a>)}</p>
      <div id="explorer" data-document="/api/openapi.json" data-client={clientId} data-redirect={redirectUri}>
        <noscript>{texts.needsScript}</noscript>
      </div>
    </Layout>
  )
}

function Files() {
  return (
    <>
      <link rel="stylesheet" href="/api/docs/files/swagger-ui.css" />
      <link rel="stylesheet" href="/api/docs/files/explorer.css" />
      <script src="/api/docs/files/swagger-ui-bundle.js" defer />
      <script src="/api/docs/files/explorer.js" defer />
    </>
  )
}
