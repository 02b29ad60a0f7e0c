import { z } from 'zod'

/** An address to send mails to. */
export const emailAddress = z.string().trim().min(1).max(254).pipe(z.email())

export const mailbox = z.object({ email: emailAddress })

export const newEmail = z.object({ password: z.string().min(1), email: emailAddress })

export const detail = z.object({ detail: z.string() })
