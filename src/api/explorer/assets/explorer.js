// Starts Swagger UI on the pod's own description; what it needs to know stands in the page.
const place = document.getElementById('explorer')
const { document: address, client, redirect } = place.dataset

const dark = window.matchMedia('(prefers-color-scheme: dark)')
const follow = () => document.documentElement.classList.toggle('dark-mode', dark.matches)
dark.addEventListener('change', follow)
follow()

const explorer = window.SwaggerUIBundle({
  domNode: place,
  url: address,
  oauth2RedirectUrl: redirect,
  deepLinking: true,
  filter: true,
  docExpansion: 'none',
  defaultModelsExpandDepth: 0,
  validatorUrl: null,
  // As the description has them.
  tagsSorter: undefined,
})
explorer.initOAuth({ clientId: client, scopes: 'read', usePkceWithAuthorizationCodeGrant: true })
