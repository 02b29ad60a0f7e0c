import { Layout, type PageContext } from '../../http/layout.tsx'
import { Name } from '../../http/untrusted.tsx'
import { texts } from '../../texts/en.ts'

interface PublicProfileProps {
  page: PageContext
  person: {
    username: string
    name: string
    /** Of a picture, 200 pixels square. */
    avatarUrl: string
    since: string
    /** HTML that is safe to show. */
    summary: string
  }
}

export const PublicProfilePage = ({ page, person }: PublicProfileProps) => (
  <Layout page={page} title={person.name} width="medium">
    <div class="card">
      <div class="avatar">
        <img src={person.avatarUrl} alt="" width="96" height="96" />
        <div>
          <h1>
            <Name>{person.name}</Name>
          </h1>
          <p class="muted">@{person.username}</p>
        </div>
      </div>
      {person.summary !== '' && <div dangerouslySetInnerHTML={{ __html: person.summary }} />}
      <p class="hint">{texts.publicProfile.since(person.since)}</p>
    </div>
  </Layout>
)
