import { mails } from '../../texts/en-mails.ts'
import type { MailContent, Pod } from '../content.ts'

/** To the address an account is to have. */
export function changeEmail(pod: Pod, { username, link }: { username: string; link: string }): MailContent {
  const texts = mails.changeEmail
  return {
    subject: texts.subject(pod.name),
    paragraphs: [mails.hello(username), texts.told(username, pod.name)],
    link: { label: texts.button, url: link },
    notes: [texts.validity, texts.ignore],
  }
}
