import { invalidField } from '../lib/problem.ts'

/** In characters. */
const shortestPassword = 8
/** In bytes of UTF-8; checked before any hashing. */
const longestPasswordBytes = 1024

/** @throws Problem `invalid` naming the field */
export function checkNewPassword(password: string, field: string): void {
  if ([...password].length < shortestPassword) {
    throw invalidField(field, `This password is too short. It must contain at least ${shortestPassword} characters.`)
  }
  checkPasswordLength(password, field)
}

/** @throws Problem `invalid` naming the field; a password that long is not looked at any further */
export function checkPasswordLength(password: string, field: string): void {
  if (Buffer.byteLength(password) > longestPasswordBytes) {
    throw invalidField(field, `This password is too long. It may have at most ${longestPasswordBytes} bytes.`)
  }
}
