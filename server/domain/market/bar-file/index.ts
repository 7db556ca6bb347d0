export { BAR_FORMATS, type BarFormat, LAYOUTS } from './layouts';
export { readBarFile, requireWholeFile } from './read-bar-file';
export { type Jump, suspiciousJumps } from './splits';
export * from './types';
