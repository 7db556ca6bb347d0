// Loads Prisma's schema engine from its WebAssembly build. The package's own entry imports a .wasm file as a module,
// which Node 20 cannot do, so the module is instantiated here.
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';

/** @returns {Promise<typeof import('@prisma/schema-engine-wasm').SchemaEngine>} */
export async function loadSchemaEngine() {
  const glue = await import('@prisma/schema-engine-wasm/schema_engine_bg');
  const entry = createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm');
  const bytes = await readFile(path.join(path.dirname(entry), 'schema_engine_bg.wasm'));
  globalThis.PRISMA_WASM_PANIC_REGISTRY = {
    set_message(message) {
      globalThis.PRISMA_WASM_PANIC_REGISTRY.message = message;
    },
  };
  const { instance } = await WebAssembly.instantiate(bytes, { './schema_engine_bg.js': glue });
  glue.__wbg_set_wasm(instance.exports);
  instance.exports.__wbindgen_start();
  return glue.SchemaEngine;
}
