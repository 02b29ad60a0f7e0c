import type { ComponentChildren } from 'preact'
import { texts } from '../texts/en.ts'
import { Layout, type PageContext } from './layout.tsx'

type Section = keyof typeof texts.settings.sections

const paths: Record<Section, string> = {
  profile: '/settings',
  password: '/settings/password',
  email: '/settings/email',
  sessions: '/settings/sessions',
  authorizedApps: '/settings/authorized-apps',
  applications: '/settings/applications',
  security: '/settings/security',
  deleteAccount: '/settings/delete-account',
}

interface SettingsFrameProps {
  page: PageContext
  /** Which entry of the menu this page belongs to. */
  section: Section
  /** Undefined = the section's own name. */
  title?: string
  children: ComponentChildren
}

/** The pages on which people look after their account: one menu, one heading. */
export function SettingsFrame({ page, section, title, children }: SettingsFrameProps) {
  const heading = title ?? texts.settings.sections[section]
  return (
    <Layout page={page} title={heading} width="settings">
      <nav class="menu" aria-label={texts.settings.menu}>
        <ul>
          {Object.entries(paths).map(([name, path]) => (
            <li>
              <a href={path} aria-current={name === section ? 'page' : undefined}>
                {texts.settings.sections[name as Section]}
              </a>
            </li>
          ))}
        </ul>
      </nav>
      <div class="card">
        <h1>{heading}</h1>
        {children}
      </div>
    </Layout>
  )
}
