// Which folder may import which (DESIGN: folders and direction). Every rule is an error; for each, a probe in
// scripts/architecture shows that it still fires.

const TEST = '\\.test\\.tsx?$|/testing/|^test-support/|^e2e/|^bench/';
/** npm packages as dependency-cruiser resolves them. */
const npm = (...names) => names.map((name) => `^node_modules/${name}/`);

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'kernel-stands-alone',
      comment: 'Every layer may use the kernel, so it can use none of them.',
      severity: 'error',
      from: { path: '^server/kernel/', pathNot: TEST },
      to: { pathNot: ['^server/kernel/', ...npm('zod')] },
    },
    {
      name: 'domain-is-pure',
      comment:
        'The core decides; clocks, files, databases and frameworks are outside it. csv-parse/sync is a function of text.',
      severity: 'error',
      from: { path: '^server/domain/', pathNot: TEST },
      to: { pathNot: ['^server/(kernel|domain|contracts)/', ...npm('zod', 'csv-parse')] },
    },
    {
      name: 'contracts-are-a-leaf',
      comment: 'What crosses a boundary is described without knowing who is on either side.',
      severity: 'error',
      from: { path: '^server/contracts/', pathNot: TEST },
      to: { pathNot: ['^server/(contracts|kernel)/', ...npm('zod')] },
    },
    {
      name: 'application-knows-ports-only',
      comment: 'A use case is written against ports; which adapter stands behind one is for the composition.',
      severity: 'error',
      from: { path: '^server/application/', pathNot: TEST },
      to: { pathNot: ['^server/(kernel|application|domain|contracts)/', ...npm('zod')], dependencyTypesNot: ['core'] },
    },
    {
      name: 'replay-drives-the-domain',
      comment:
        'Scenarios and backtests run the same domain code in memory; they need no adapter, only the port that reads bars.',
      severity: 'error',
      from: { path: '^server/replay/', pathNot: TEST },
      to: { pathNot: ['^server/(kernel|replay|domain|contracts|application/ports)/', ...npm('zod')] },
    },
    {
      name: 'adapters-look-inwards',
      comment: 'An adapter implements ports; it knows no edge, no composition.',
      severity: 'error',
      from: { path: '^server/adapters/', pathNot: TEST },
      to: {
        path: ['^server/(api|auth|replay|composition)/', '^(app|cli|components|workers)/'],
        // Settings are handed in by the composition; their shape is known.
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'adapters-stand-alone',
      comment: 'Each adapter can be replaced by itself.',
      severity: 'error',
      from: { path: '^server/adapters/((?:brokers/)?[^/]+)/', pathNot: TEST },
      to: { path: '^server/adapters/', pathNot: '^server/adapters/$1/' },
    },
    {
      name: 'brokers-behind-the-gateway',
      comment: 'Everybody else takes the broker as a BrokerGateway: another broker is its folder and one registration.',
      severity: 'error',
      from: { pathNot: ['^server/composition/brokers\\.ts$', '^server/adapters/brokers/'] },
      to: { path: '^server/adapters/brokers/', pathNot: '^server/adapters/brokers/testing/' },
    },
    {
      name: 'prisma-stays-in-its-adapter',
      comment: 'One place speaks to the database.',
      severity: 'error',
      from: { path: '^(app|cli|components|server|workers)/', pathNot: ['^server/adapters/postgres/', TEST] },
      to: {
        path: ['^node_modules/@prisma/', '^node_modules/(prisma|pg)/', '^server/adapters/postgres/generated/'],
        // The composition holds a pool it was given by the adapter, as a type.
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'edges-go-through-composition',
      comment: 'api, auth, workers, cli, app and components take adapters as ports, from the composition.',
      severity: 'error',
      from: { path: ['^server/(api|auth)/', '^(app|cli|components|workers)/'], pathNot: TEST },
      to: { path: '^server/adapters/' },
    },
    {
      name: 'server-knows-no-page',
      comment: 'Server code is used by pages and workers, not the other way round.',
      severity: 'error',
      from: { path: '^server/', pathNot: TEST },
      to: { path: '^(app|cli|components|workers)/' },
    },
    {
      name: 'components-take-data',
      comment: 'Components know domain types and formatters, contracts, and the router as a type.',
      severity: 'error',
      from: { path: '^components/', pathNot: TEST },
      to: { path: ['^app/', '^server/'], pathNot: '^server/(kernel|domain|contracts|api)/' },
    },
    {
      name: 'components-see-the-api-as-a-type',
      comment: 'A value import would pull the server into the browser.',
      severity: 'error',
      from: { path: '^components/', pathNot: TEST },
      to: { path: '^server/api/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'app-is-thin',
      comment: 'Routes wire components, the API, sign-in and the composition together.',
      severity: 'error',
      from: { path: '^app/', pathNot: TEST },
      to: { path: '^server/', pathNot: '^server/(api|auth|contracts|composition)/' },
    },
    {
      name: 'app-and-workers-are-apart',
      comment: 'They are separate processes that meet in Postgres and on the bus.',
      severity: 'error',
      from: { path: '^(app|components)/' },
      to: { path: '^(workers|cli)/' },
    },
    {
      name: 'workers-and-app-are-apart',
      comment: 'They are separate processes that meet in Postgres and on the bus.',
      severity: 'error',
      from: { path: '^(workers|cli)/', pathNot: TEST },
      to: { path: ['^(app|components)/', '^server/api/', ...npm('next', 'react', 'react-dom')] },
    },
    {
      name: 'simulator-is-independent',
      comment: 'An oracle of what really happened shares matching, money, the calendar and names with what it judges.',
      severity: 'error',
      from: { path: '^workers/simulator/', pathNot: TEST },
      to: {
        path: ['^server/', '^workers/'],
        pathNot: [
          '^workers/simulator/',
          '^server/kernel/',
          '^server/domain/(exchange|calendar)/',
          '^server/domain/order/types',
        ],
      },
    },
    {
      name: 'nothing-depends-on-the-simulator',
      comment: 'It is reached by protocol alone, as the real broker is.',
      severity: 'error',
      from: { path: '^(app|cli|components|server|workers)/', pathNot: ['^workers/simulator/', TEST] },
      to: { path: '^workers/simulator/' },
    },
    {
      name: 'production-knows-no-test',
      comment: 'Fakes and fixtures never run in production.',
      severity: 'error',
      from: { path: '^(app|cli|components|server|workers)/', pathNot: TEST },
      to: { path: TEST },
    },
    {
      name: 'production-uses-no-dev-dependency',
      comment: 'What is only there for tests is missing in the image.',
      severity: 'error',
      from: { path: '^(app|cli|components|server|workers)/', pathNot: TEST },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'no-cycles',
      comment: 'A cycle is one module in several files.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'everything-resolves',
      comment: 'An import that resolves to nothing is judged by no other rule.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: ['node_modules', '^server/adapters/postgres/generated/'] },
    exclude: { path: ['^\\.next', '^dist/', '^\\.cache'] },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
