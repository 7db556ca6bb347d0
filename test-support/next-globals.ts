import { AsyncLocalStorage } from 'node:async_hooks';

// Next's server modules expect it on the global object, where Next's own runtime puts it before anything else is loaded.
Object.assign(globalThis, { AsyncLocalStorage });
