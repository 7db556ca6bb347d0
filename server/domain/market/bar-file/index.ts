export { BarConverter, type NumberedBar } from './convert';
export { type Dialect, dialectOf, surveyBars } from './dialect';
export { BAR_FORMATS, type BarFormat, LAYOUTS } from './layouts';
export { readBarFile } from './read-bar-file';
export { type Jump, splitAdjusted, suspiciousJumps } from './splits';
export * from './types';
