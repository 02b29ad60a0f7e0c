import { readFileSync } from 'node:fs'

const packageName = '@prisma/schema-engine-wasm'
const packageFile = (name) => new URL(name, import.meta.resolve(packageName))

export function engineVersion() {
  return JSON.parse(readFileSync(packageFile('package.json'), 'utf8')).version
}

export async function startEngine(datamodels, adapterFactory) {
  const bindings = await loadBindings()
  const onLog = (line) => process.stderr.write(`${line}\n`)
  return bindings.SchemaEngine.new({ datamodels }, onLog, adapterFactory)
}

async function loadBindings() {
  // The WebAssembly module reports its panics through this global.
  globalThis.PRISMA_WASM_PANIC_REGISTRY = {
    set_message(message) {
      this.message = message
    },
  }
  const bindings = await import(`${packageName}/schema_engine_bg`)
  const bytes = readFileSync(packageFile('schema_engine_bg.wasm'))
  const { instance } = await WebAssembly.instantiate(bytes, { './schema_engine_bg.js': bindings })
  bindings.__wbg_set_wasm(instance.exports)
  instance.exports.__wbindgen_start()
  return bindings
}
