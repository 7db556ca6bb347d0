import type { NextConfig } from 'next';
import { DATA_HEADERS } from './server/api/security-headers';

const config: NextConfig = {
  distDir: process.env['NEXT_DIST_DIR'] || '.next',
  poweredByHeader: false,
  reactStrictMode: true,
  turbopack: { root: import.meta.dirname },
  // Nothing of the tests' failpoints is in what ships.
  compiler: { define: { __FAILPOINTS__: false } },
  // Native or wasm parts, or modules that must exist once: they are loaded from node_modules as they are.
  serverExternalPackages: [
    '@duckdb/node-api',
    '@node-rs/argon2',
    '@prisma/adapter-pg',
    '@prisma/client',
    'pg',
    'pino',
    'undici',
    'ws',
  ],
  // `npm test` checks types; a start does not wait for them again.
  typescript: { ignoreBuildErrors: true },
  // For every path; proxy.ts replaces them on pages.
  headers: async () => [
    { source: '/:path*', headers: Object.entries(DATA_HEADERS).map(([key, value]) => ({ key, value })) },
  ],
};

export default config;
