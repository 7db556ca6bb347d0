import path from 'node:path';
import { defineConfig } from 'prisma/config';

// Prisma's native schema engine is a download from outside npm; its WebAssembly build comes with `npm ci`.
process.env['PRISMA_SCHEMA_ENGINE_BINARY'] ??= path.resolve('scripts/prisma-engine/schema-engine.mjs');
process.env['CHECKPOINT_DISABLE'] ??= '1';

export default defineConfig({
  schema: 'prisma/schema.prisma',
  migrations: { path: 'prisma/migrations' },
  datasource: { url: process.env['DATABASE_URL'] ?? 'postgresql://localhost:54329/countersign' },
});
