/** Where things are, as absolute URLs under RFC 8414's names. */
export function endpointsOf(publicUrl: string) {
  const at = (path: string) => `${publicUrl}${path}`
  return {
    authorization_endpoint: at('/authorize'),
    token_endpoint: at('/api/v1/oauth/token'),
    registration_endpoint: at('/api/v1/oauth/register'),
    revocation_endpoint: at('/api/v1/oauth/revoke'),
    introspection_endpoint: at('/api/v1/oauth/introspect'),
    device_authorization_endpoint: at('/api/v1/oauth/device_authorization'),
    // As clients of Mastodon register, and where they ask who their user is.
    app_registration_endpoint: at('/api/v1/apps'),
    userinfo_endpoint: at('/oauth/userinfo'),
  }
}
