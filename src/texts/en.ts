import { emailConfirmation, passwordReset, signUp } from './en-accounts.ts'
import { phrase } from './phrase.ts'

/**
 * Every text that people read on pages. A generic parameter is a name or a link that the page marks up;
 * wherever only plain text can stand (titles, labels), it is a string.
 */
export const texts = {
  language: 'en',

  layout: {
    skip: 'Skip to content',
    account: 'Your account',
    settings: 'Settings',
    logOut: 'Log out',
    runsOn: <T>(software: T) => phrase`Runs on ${software}`,
  },
  copy: { button: 'Copy', done: 'Copied' },

  home: {
    heading: 'A place for music, and for the apps that play it',
    lede: <T>(pod: T) => phrase`People keep their music on ${pod} and decide themselves which apps may use it.`,
    signedIn: <T>(name: T) => phrase`You are logged in as ${name}.`,
    signedOut: 'You are not logged in.',
    logIn: 'Log in',
    connectDevice: 'Connect a device',
    developers: 'For developers',
    developersLede:
      'Apps register themselves, then ask people for access with OAuth 2.0 and PKCE. Point your library here:',
    endpoints: {
      metadata: 'Server metadata',
      registration: 'Register an app',
      authorization: 'Ask for access',
      token: 'Get tokens',
      deviceAuthorization: 'Devices without a browser',
    },
    firstStep: 'A first step: register an app',
    documentation: 'Documentation',
    explorer: 'API explorer',
  },

  login: {
    title: 'Log in',
    to: <T>(pod: T) => phrase`to ${pod}`,
    forClient: <T>(client: T) => phrase`${client} asks to use your account. Log in to decide.`,
    username: 'Username or e-mail address',
    password: 'Password',
    submit: 'Log in',
    wrong: 'That name and password do not match. Check both and try again.',
    unconfirmed: 'Please confirm your e-mail address first: another link has been mailed to you.',
    forgotten: 'Forgot your password?',
    newHere: 'New here?',
    signUp: 'Create an account',
  },
  signUp,
  passwordReset,
  emailConfirmation,
  logout: {
    title: 'Log out?',
    asked: <T>(name: T) => phrase`You are logged in as ${name}.`,
    submit: 'Log out',
    stay: 'Stay logged in',
    done: 'You are logged out',
    doneNote: 'This browser is logged out. Apps you have allowed keep their access.',
    again: 'Log in again',
  },

  accountState: {
    disabled: {
      title: 'This account is disabled',
      note: 'Apps cannot be given access to it. Whoever runs this pod can tell you why.',
    },
    unconfirmed: {
      title: 'Confirm your e-mail address first',
      note: 'Apps can be given access to your account once its e-mail address is confirmed. Log in, and another link is mailed to you.',
    },
  },
  consent: {
    title: (client: string) => `${client} asks for access`,
    question: <T>(client: T) => phrase`Let ${client} use your account?`,
    signedInAs: 'Logged in as',
    notYou: 'Not you?',
    website: 'Website',
    destination: 'Afterwards',
    destinations: {
      web: <T>(host: T) => phrase`You go to ${host}`,
      loopback: <T>(host: T) => phrase`You go to an app on this device (${host})`,
      'private-use': <T>(scheme: T) => phrase`An app on this device opens (${scheme})`,
      'out-of-band': () => ['You get a code to type into the app'],
    },
    insecure:
      'The way back to this app is not encrypted. Someone on the network could take over the access you give. Allow it only if you trust both the app and the network.',
    permissions: 'It will be able to:',
    noPermissions: 'It will learn that you have an account here, and nothing else.',
    nothingChosen: 'Choose at least one thing to allow, or deny the request.',
    untick: 'Untick whatever you would rather keep to yourself.',
    notVetted: (pod: string) => `${pod} has not checked this app. Allow it only if you trust whoever made it.`,
    takeBack: 'You can take the access back at any time in your settings.',
    allow: 'Allow',
    deny: 'Deny',
  },
  permissionGroups: { you: 'You', music: 'Your music', pod: 'The pod' },
  permissions: {
    identity: { see: 'See your name and picture' },
    profile: {
      see: 'See your profile, e-mail address and settings',
      change: 'Change your profile, picture and settings',
    },
    follows: { see: 'See who and what you follow', change: 'Follow, unfollow and answer follow requests' },
    notifications: { see: 'See your notifications', change: 'Mark your notifications as read' },
    applications: { see: 'See the apps you have created', change: 'Create, change and delete your own apps' },
    libraries: { see: 'Browse and play your music', change: 'Upload, change and delete your music' },
    playlists: { see: 'See your playlists', change: 'Create, change and delete playlists' },
    favorites: { see: 'See your favorites', change: 'Add and remove favorites' },
    listenings: { see: 'See what you have listened to', change: 'Add to your listening history' },
    radios: { see: 'See and play your radios', change: 'Create, change and delete radios' },
    filters: { see: 'See which artists you have hidden', change: 'Hide artists and show them again' },
    edits: { see: 'See suggested corrections', change: 'Suggest corrections in your name' },
    reports: { see: 'See the reports you have sent', change: 'Send reports to the moderators in your name' },
  },

  settings: {
    menu: 'Settings',
    sections: {
      profile: 'Profile',
      password: 'Password',
      email: 'E-mail address',
      sessions: 'Signed-in browsers',
      authorizedApps: 'Apps with access',
      applications: 'Your applications',
      security: 'Security record',
      deleteAccount: 'Delete account',
    },
    saved: 'Saved.',
    save: 'Save',
    cancel: 'Cancel',
    yourPassword: 'Your password',
    passwordHint: 'Asked for because you gave it more than ten minutes ago.',
    never: 'never',
    unknown: 'unknown',
  },
  forms: {
    required: 'Please fill this in.',
    tooLong: (characters: number) => `Please use at most ${characters} characters.`,
    badEmail: 'Please enter an e-mail address like alice@example.org.',
  },
  applications: {
    lede: 'Programs of your own that use this pod. Each has an access token that acts for you alone, and can ask other people for access.',
    none: 'You have not created any application yet.',
    create: 'New application',
    newTitle: 'New application',
    created: (date: string) => `Created ${date}`,
    edit: 'Edit',
    name: 'Name',
    nameHint: 'Shown to people whom the application asks for access.',
    redirectUris: 'Redirect URIs',
    redirectUrisHint:
      'One per line: where people go after they have decided. Keep urn:ietf:wg:oauth:2.0:oob for programs that ask for a code instead.',
    scopes: 'What it may do',
    scopesHint: 'This bounds the access token as well as what the application can ask people for.',
    read: 'See',
    write: 'Change',
    everything: 'Everything below',
    topic: 'Topic',
    topics: {
      profile: 'Profile',
      libraries: 'Libraries and music',
      favorites: 'Favorites',
      listenings: 'Listening history',
      follows: 'Follows',
      playlists: 'Playlists',
      radios: 'Radios',
      filters: 'Hidden artists',
      notifications: 'Notifications',
      edits: 'Corrections',
      reports: 'Reports',
    },
    noScopes: 'Choose at least one thing the application may do.',
    submit: 'Create application',
    secretsOnce: 'Copy these now: they are not kept in a form that could be shown again.',
    clientId: 'Client id',
    clientSecret: 'Client secret',
    token: 'Access token',
    tokenUse: 'Send it as “Authorization: Bearer …”. It acts for you, within what is ticked below, until you renew it.',
    tokenHidden: 'The access token was shown when it was made. If it is lost or has leaked, make a new one.',
    renewToken: 'New access token',
    renewSecret: 'New client secret',
    renewed: 'The old one no longer works.',
    delete: 'Delete this application',
    deleteTitle: (name: string) => `Delete ${name}?`,
    deleteNote: (tokens: number) =>
      tokens === 0
        ? 'Nobody uses it now. This cannot be undone.'
        : `${count(tokens, 'sign-in')} of people who use it will end. This cannot be undone.`,
    deleteSubmit: 'Delete',
  },
  authorizedApps: {
    lede: 'Apps that may use your account, and what you have allowed them.',
    none: 'No app has access to your account.',
    since: 'Since',
    lastUsed: 'Last used',
    may: 'May',
    uses: 'Signed in on',
    usesCount: (number: number) => count(number, 'device'),
    change: 'Change or end access',
    changeTitle: (name: string) => `Access of ${name}`,
    keep: 'Untick what this app should no longer be able to do.',
    narrow: 'Save',
    revoke: 'End all access',
    revokeNote: 'The app is signed out everywhere at once.',
    devices: 'Signed-in devices',
    device: (since: string, last: string) => `Since ${since}, last used ${last}`,
  },
  profile: {
    name: 'Display name',
    nameHint: 'Shown beside your user name.',
    summary: 'About you',
    summaryHint: 'Plain text; leave it empty to show nothing.',
    privacy: 'Who may see what you listen to and like',
    privacyLevels: {
      me: 'Only me',
      followers: 'People who follow me',
      instance: 'Everybody with an account here',
      everyone: 'Everybody',
    },
    avatar: 'Picture',
    avatarNow: 'Your picture now',
    avatarHint: 'JPEG, PNG, WebP or GIF, up to 5 MB. It is cut to a square.',
  },
  emailAddress: {
    current: <T>(address: T) => phrase`Your address is ${address}.`,
    new: 'New address',
    note: 'A link is mailed to the new address. Until it is opened, your old address stays, and it is told.',
    submit: 'Send the link',
    sent: (address: string) => `A link is on its way to ${address}. Open it to confirm the address.`,
    same: 'That is your address already.',
  },
  deleteAccount: {
    warning:
      'This deletes your account and everything in it, for good. Apps lose their access, and nobody can take your user name again.',
    confirm: 'Yes, delete my account and everything in it',
    confirmMissing: 'Tick this to go on.',
    submit: 'Delete my account',
    done: 'Your account is deleted',
    doneNote: 'Everything in it is gone. Thank you for having been here.',
  },
  sessions: {
    lede: 'Browsers that are logged in to your account. End those you do not recognise, and change your password then.',
    current: 'This browser',
    since: 'Logged in',
    lastSeen: 'Last seen',
    address: 'Address',
    end: 'Log out',
    endLabel: (browser: string) => `Log out ${browser}`,
    endOthers: 'Log out everywhere else',
    unknownBrowser: 'Unknown browser',
  },
  security: {
    lede: 'What happened to your account, newest first. If something was not you, change your password.',
    none: 'Nothing yet.',
    event: 'Event',
    when: 'When',
    from: 'From',
    older: 'Older',
    newer: 'Newer',
    events: {
      login: () => 'Logged in',
      'login-failed': () => 'Wrong password',
      logout: () => 'Logged out',
      'password-changed': () => 'Password changed',
      'password-reset': () => 'Password reset by mail',
      'email-changed': () => 'E-mail address changed',
      'session-ended': () => 'Logged a browser out',
      'access-allowed': (client: string) => `Allowed ${client} access`,
      'access-denied': (client: string) => `Denied ${client} access`,
      'access-narrowed': (client: string) => `Took permissions from ${client}`,
      'access-revoked': (client: string) => `Ended the access of ${client}`,
      'code-reused': (client: string) => `A code for ${client} was used twice; its access was ended`,
      'refresh-token-reused': (client: string) => `A token of ${client} was used twice; its access was ended`,
      'client-created': (client: string) => `Created the application ${client}`,
      'client-deleted': (client: string) => `Deleted the application ${client}`,
      'application-token-renewed': (client: string) => `New access token for ${client}`,
    },
  },
  passwordChange: {
    old: 'Current password',
    new: 'New password',
    newAgain: 'New password again',
    hint: 'At least 8 characters. A few unrelated words are easy to remember and hard to guess.',
    note: 'All other browsers are logged out. Apps keep their access.',
    submit: 'Change password',
    done: 'Your password is changed, and all other browsers are logged out.',
  },

  code: {
    /** Apps that asked for `urn:ietf:wg:oauth:2.0:oob:auto` read the code in this form from the window's title. */
    titleWithCode: (code: string) => `Success code=${code}`,
    title: (client: string) => `Your code for ${client}`,
    heading: <T>(client: T) => phrase`Your code for ${client}`,
    instruction: 'Copy this code and paste it into the app.',
    label: 'Code',
    validity: (seconds: number) => `It works once, within the next ${duration(seconds)}. Give it to no one else.`,
  },
  denied: {
    title: 'Access denied',
    heading: <T>(client: T) => phrase`${client} got no access`,
    note: 'Nothing was shared. You can close this page.',
  },

  authorizationError: {
    title: 'This request cannot be answered',
    reasons: {
      'unknown-client':
        'The app that sent you here is not known on this pod. It may have been removed, or it was set up for another pod.',
      'redirect-uri':
        'The app wants you to be sent to an address that it has not registered, so the pod does not send you there.',
      malformed: 'The app that sent you here made a mistake in its request.',
      refused: 'The app asked for something it cannot get here.',
    },
    advice: 'Go back to the app and try again. If it happens again, tell whoever makes the app.',
    details: 'For the makers of the app',
  },
  requestOver: {
    answered: 'You have already answered',
    answeredNote: 'This request was answered before, perhaps in another tab.',
    expired: 'This request has expired',
    expiredNote: 'It was left open too long. Nothing was shared.',
    advice: <T>(client: T) => phrase`To start again, go back to ${client}.`,
    theApp: 'the app',
  },

  device: {
    title: 'Connect a device',
    instruction: 'Type the code that your device shows.',
    label: 'Code on the device',
    hint: 'Capital or small letters, with or without the dash.',
    submit: 'Continue',
    unknown: 'That code is not right, or it has expired. Check it, or start again on the device.',
    warning:
      'Never type a code that someone sent you. Continue only if you started this yourself, on a device of yours.',
    question: <T>(client: T) => phrase`Let ${client} on your device use your account?`,
    compare: 'Your device must show the same code:',
    phishing: 'Did someone send you this link or code? Then deny: they would get into your account.',
    afterwards: 'Your device goes on by itself',
    allowed: 'Your device is connected',
    allowedNote: <T>(client: T) => phrase`${client} has access now and goes on by itself. You can close this page.`,
    deniedNote: <T>(client: T) => phrase`${client} got no access. You can close this page.`,
  },

  errors: {
    titles: {
      400: 'Something is wrong with this request',
      401: 'You are no longer logged in',
      403: 'You may not do this',
      404: 'There is nothing here',
      405: 'This does not work here',
      429: 'Too many tries',
      500: 'Something went wrong here',
      503: 'The pod is busy',
    },
    messages: {
      400: 'The browser sent something the pod does not understand. Go back, reload the page and try again.',
      401: 'Nothing was changed. Log in, then start again.',
      403: 'Reload the page and try again. If that does not help, log out and in again.',
      404: 'The link may be old, or the address mistyped.',
      405: 'Go back and use the buttons of the page.',
      429: 'Please wait a little before you try again.',
      500: 'The pod ran into a problem it did not expect. Try again in a while; if it stays, tell the people who run this pod.',
      503: 'Please try again in a moment.',
    },
    retry: (seconds: number) => `Try again in ${duration(seconds)}.`,
    reference: 'Reference',
    home: 'Go to the start page',
  },
} as const

export type PermissionTopic = keyof typeof texts.permissions

/** Rounded up, in the largest unit that is not silly. */
function duration(seconds: number): string {
  if (seconds < 90) return count(Math.max(1, Math.ceil(seconds)), 'second')
  if (seconds < 90 * 60) return count(Math.ceil(seconds / 60), 'minute')
  return count(Math.ceil(seconds / 3600), 'hour')
}

function count(number: number, unit: string): string {
  return number === 1 ? `1 ${unit}` : `${number} ${unit}s`
}
