import { mails } from '../../texts/en-mails.ts'
import type { MailContent, Pod } from '../content.ts'

/** To the address a new account was created with. */
export function verifyEmail(pod: Pod, { username, link }: { username: string; link: string }): MailContent {
  const texts = mails.verifyEmail
  return {
    subject: texts.subject(pod.name),
    paragraphs: [mails.hello(username), texts.told(username, pod.name)],
    link: { label: texts.button, url: link },
    notes: [texts.validity, texts.ignore],
  }
}
