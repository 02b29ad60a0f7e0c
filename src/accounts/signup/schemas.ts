import { z } from 'zod'
import { emailAddress } from '../email-address/schemas.ts'

export const username = z
  .string()
  .trim()
  .min(1)
  .max(150)
  .regex(/^[A-Za-z0-9_]*$/, 'Enter a valid username: letters from A to Z, digits and underscores only.')

const password = z.string().min(1)

export const newAccount = z.object({
  username,
  email: emailAddress,
  password1: password,
  password2: password,
  invitation: z.string().trim().max(50).nullish(),
})
