/** What mails say, in plain text: no names or links are marked up in it. */
export const mails = {
  hello: (username: string) => `Hello ${username},`,
  signature: (pod: string, address: string) => `This mail comes from ${pod}, ${address}`,
  verifyEmail: {
    subject: (pod: string) => `Confirm your e-mail address for ${pod}`,
    told: (username: string, pod: string) =>
      `The account ${username} on ${pod} was created with this e-mail address. Confirm that it is yours:`,
    button: 'Confirm the address',
    validity: 'The link works once, within the next 3 days.',
    ignore: 'If you did not create the account, ignore this mail: without you the address is not confirmed.',
  },
  addressTaken: {
    subject: (pod: string) => `You already have an account on ${pod}`,
    told: (username: string, pod: string) =>
      `Somebody, perhaps you, has signed up on ${pod} as ${username} and given this e-mail address.`,
    owned: (username: string) =>
      `But it belongs to your account ${username}, so it cannot be confirmed for another one.`,
    forgotten: 'If you have forgotten your password, get a new one here:',
    button: 'Set a new password',
  },
  changeEmail: {
    subject: (pod: string) => `Confirm your new e-mail address for ${pod}`,
    told: (username: string, pod: string) =>
      `The account ${username} on ${pod} is to use this e-mail address from now on. Confirm that it is yours:`,
    button: 'Confirm the new address',
    validity: 'The link works once, within the next 3 days. Until then the account keeps its old address.',
    ignore: 'If it is not your account, ignore this mail: without you nothing changes.',
  },
  emailChangeAsked: {
    subject: (pod: string) => `A new e-mail address for your account on ${pod}`,
    told: (username: string, pod: string) =>
      `Your account ${username} on ${pod} is to use another e-mail address in place of this one, as soon as it is confirmed from there.`,
    alarm: 'If it was not you, somebody knows your password. Set a new one now; that also stops the new address:',
    button: 'Set a new password',
  },
  emailChanged: {
    subject: (pod: string) => `Your account on ${pod} has a new e-mail address`,
    told: (username: string, pod: string) =>
      `Your account ${username} on ${pod} uses another e-mail address from now on. This one is not used any more.`,
    alarm: 'If it was not you, tell the people who run the pod.',
  },
  resetPassword: {
    subject: (pod: string) => `A new password for ${pod}`,
    told: (username: string, pod: string) =>
      `Somebody, hopefully you, has asked for a new password for your account ${username} on ${pod}. Set it here:`,
    button: 'Set a new password',
    validity:
      'The link works once, within the next hour. It ends the access of every browser and app that is signed in.',
    ignore: 'If it was not you, ignore this mail: your password stays as it is.',
  },
  passwordChanged: {
    subject: (pod: string) => `Your password on ${pod} was changed`,
    told: (username: string, pod: string) =>
      `The password of your account ${username} on ${pod} was changed, and other browsers that were signed in are signed out.`,
    alarm: 'If it was not you, set a new one now:',
    button: 'Set a new password',
  },
} as const
