import { phrase } from './phrase.ts'

export const signUp = {
  title: 'Create an account',
  on: <T>(pod: T) => phrase`on ${pod}`,
  closed: 'Registration is closed here: you need an invitation from the people who run this pod.',
  invitation: 'Invitation code',
  username: 'Username',
  usernameHint: 'Letters from A to Z, digits and underscores. It cannot be changed later.',
  email: 'E-mail address',
  emailHint: 'You get a link to confirm it, and use it when you forget your password.',
  password: 'Password',
  passwordHint: (characters: number) =>
    `At least ${characters} characters. A few words that do not belong together are fine.`,
  submit: 'Create the account',
  known: 'You have an account already?',
  logIn: 'Log in',
  wrong: {
    username: 'Use letters from A to Z, digits and underscores only, 150 at most.',
    usernameTaken: 'This name is taken. Please choose another one.',
    email: 'Please enter an e-mail address like alice@example.org.',
    invitation: 'This code does not work, or it was used already.',
  },
} as const

export const passwordReset = {
  title: 'Forgot your password?',
  lede: 'Enter the e-mail address of your account. A link to set a new password is mailed to it.',
  email: 'E-mail address',
  submit: 'Mail me a link',
  back: 'Back to the login',
  checkMail: 'Look into your mailbox',
  mailed: 'If an account here has this address, a link is on its way. It works for one hour.',
  mailedTo: <T>(address: T) =>
    phrase`If an account here has the address ${address}, a link is on its way. It works for one hour.`,
  nothingCame: 'Nothing came? Look among unwanted mails, or try again in a few minutes.',
  again: 'Try again',
  setTitle: 'Set a new password',
  setFor: <T>(username: T) =>
    phrase`For the account ${username}. All browsers are logged out, and apps have to ask for access again.`,
  password: 'New password',
  set: 'Set the password',
  dead: 'This link does not work any more',
  deadNote: 'Each link works once, and for one hour. You can have another one mailed.',
  done: 'Your new password is set. Log in with it.',
} as const

export const emailConfirmation = {
  checkMail: 'Confirm your e‑mail address',
  mailed: 'A link was mailed to the address of your account. Open it to go on.',
  mailedTo: <T>(address: T) => phrase`A link was mailed to ${address}. Open it to go on.`,
  nothingCame: 'Nothing came? Look among unwanted mails, or have another link mailed:',
  email: 'E-mail address',
  resend: 'Mail another link',
  question: 'Is this your e‑mail address?',
  about: <T>(address: T, username: T) => phrase`${address}, for the account ${username}.`,
  confirm: 'Yes, confirm it',
  dead: 'This link does not work any more',
  deadNote: 'Each link works once, and for three days. If the address is confirmed already, all is well. Otherwise:',
  done: 'Your e-mail address is confirmed',
  doneNote: 'Thank you. You can close this page, or go on:',
  logIn: 'Log in',
  home: 'Go to the start page',
} as const
