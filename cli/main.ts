import { createProgram } from './program';

// Wrong usage exits with 2, like an unreadable file.
await createProgram((error) => process.exit(error.exitCode === 0 ? 0 : 2)).parseAsync();
