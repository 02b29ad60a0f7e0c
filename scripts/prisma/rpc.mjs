import { createInterface } from 'node:readline'

/** Answers one request after the other, as the native engine does. Ends when the CLI closes its end. */
export async function serveRpc(openEngine, input, output) {
  let engine
  const send = (message) => output.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`)
  for await (const line of createInterface({ input, crlfDelay: Infinity })) {
    const { id, method, params } = JSON.parse(line)
    // Without a method it is the CLI's acknowledgement of a `print`.
    if (!method) continue
    try {
      engine ??= await openEngine()
      const result = await Promise.race([call(engine, method, params), nextPanic()])
      if (method === 'diff' && result.stdout) send({ id: 0, method: 'print', params: { content: result.stdout } })
      send({ id, result: result ?? {} })
    } catch (error) {
      send({ id, error: describe(error) })
    }
  }
}

async function call(engine, method, params) {
  const name = method === 'getDatabaseVersion' ? 'version' : method
  if (typeof engine[name] !== 'function') throw new Error(`The WebAssembly schema engine has no ${method}.`)
  try {
    return await engine[name](params)
  } catch (error) {
    if (!error.message.startsWith('PostgreSQL shadow DB must be provided')) throw error
    // Some methods find the shadow database only after another one has asked for it.
    const { migrationsList, filters } = params
    await engine.diagnoseMigrationHistory({ migrationsList, filters, optInToShadowDatabase: true })
    return engine[name](params)
  }
}

/** A panic never settles the call it happens in; it surfaces as an uncaught exception. */
function nextPanic() {
  return new Promise((_, reject) => {
    process.removeAllListeners('uncaughtException')
    process.once('uncaughtException', reject)
  })
}

function describe(error) {
  const panic = globalThis.PRISMA_WASM_PANIC_REGISTRY?.message
  const message = panic ?? error.message
  return { code: 4466, message, data: { is_panic: panic !== undefined, message, error_code: error.code } }
}
