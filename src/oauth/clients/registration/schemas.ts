import { z } from 'zod'
import { line } from '../schemas.ts'

const webUrl = z.url({ protocol: /^https?$/ }).max(2000)

/** Client metadata that is only kept to be shown (RFC 7591 §2). */
const webUrls = {
  client_uri: webUrl.optional(),
}

/** A client metadata document (RFC 7591 §2). What is not listed is ignored. */
export const clientMetadata = z.object({
  redirect_uris: z.array(z.string()).max(20).optional(),
  token_endpoint_auth_method: z.string().optional(),
  grant_types: z.array(z.string()).max(20).optional(),
  response_types: z.array(z.string()).max(20).optional(),
  client_name: line(255).optional(),
  scope: z.string().max(4096).optional(),
  ...webUrls,
})

/** RFC 7591 §3.2.1: everything that was registered. */
export const registeredMetadata = z.object({
  client_id: z.string(),
  client_id_issued_at: z.number().int(),
  client_secret: z.string().optional(),
  client_secret_expires_at: z.number().int().optional(),
  redirect_uris: z.array(z.string()),
  token_endpoint_auth_method: z.string(),
  grant_types: z.array(z.string()),
  response_types: z.array(z.string()),
  client_name: z.string(),
  client_uri: z.string().optional(),
  scope: z.string(),
})
