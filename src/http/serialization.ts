import { serializerCompiler as checkingSerializerCompiler } from '@fastify/type-provider-zod'
import fastJson from 'fast-json-stringify'
import type { FastifySerializerCompiler } from 'fastify'
import { z } from 'zod'
import { isPlainText } from './wire.ts'

/**
 * Turns answers into JSON by their response schema; fields that are not declared are not sent. The compiled serializer
 * is several times faster than zod, which tests use because it also refuses what does not fit its schema.
 */
export function serializerCompiler({ checking }: { checking: boolean }): FastifySerializerCompiler<z.ZodType> {
  if (checking) return checkingSerializerCompiler as FastifySerializerCompiler<z.ZodType>
  // JSON Schema has no word for an answer without a body, and nothing to write.
  return ({ schema }) =>
    schema instanceof z.ZodUndefined ? () => '' : fastJson(jsonSchemaOf(schema), { ajv: { formats: { unsafe: true } } })
}

/** `unsafe` is the serializer's word for a text that it need not look at. */
function jsonSchemaOf(schema: z.ZodType): fastJson.Schema {
  return z.toJSONSchema(schema, {
    target: 'draft-7',
    io: 'input',
    override: ({ zodSchema, jsonSchema }) => {
      if (isPlainText(zodSchema)) jsonSchema.format = 'unsafe'
    },
  }) as fastJson.Schema
}
