import { mails } from '../../texts/en-mails.ts'
import type { MailContent, Pod } from '../content.ts'

/** To the address an account had. */
export function emailChanged(pod: Pod, { username }: { username: string }): MailContent {
  const texts = mails.emailChanged
  return {
    subject: texts.subject(pod.name),
    paragraphs: [mails.hello(username), texts.told(username, pod.name)],
    notes: [texts.alarm],
  }
}
