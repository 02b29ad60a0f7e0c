import { mails } from '../../texts/en-mails.ts'
import type { MailContent, Pod } from '../content.ts'

/** To the owner of an account whose password was changed. */
export function passwordChanged(pod: Pod, { username }: { username: string }): MailContent {
  const texts = mails.passwordChanged
  return {
    subject: texts.subject(pod.name),
    paragraphs: [mails.hello(username), texts.told(username, pod.name), texts.alarm],
    link: { label: texts.button, url: `${pod.publicUrl}/auth/password/reset` },
    notes: [],
  }
}
