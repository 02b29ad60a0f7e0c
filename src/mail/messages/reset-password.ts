import { mails } from '../../texts/en-mails.ts'
import type { MailContent, Pod } from '../content.ts'

/** To who has forgotten their password. */
export function resetPassword(pod: Pod, { username, link }: { username: string; link: string }): MailContent {
  const texts = mails.resetPassword
  return {
    subject: texts.subject(pod.name),
    paragraphs: [mails.hello(username), texts.told(username, pod.name)],
    link: { label: texts.button, url: link },
    notes: [texts.validity, texts.ignore],
  }
}
