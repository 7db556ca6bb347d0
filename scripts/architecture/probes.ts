/** A planted violation: files of a small tree in which exactly this import must be refused. */
export interface Probe {
  readonly rule: string;
  readonly files: Readonly<Record<string, string>>;
  readonly from: string;
}

const importOf = (target: string) => `import { value } from '${target}';\nexport const used = value;\n`;
const typeOf = (target: string) => `import type { Value } from '${target}';\nexport type Used = Value;\n`;

const probe = (rule: string, from: string, target: string): Probe => ({
  rule,
  from,
  files: { [from]: importOf(target) },
});

/** One for each rule, and one for each clause that could quietly stop working. */
export const PROBES: readonly Probe[] = [
  probe('kernel-stands-alone', 'server/kernel/uses-domain.ts', '@/server/domain/order/order'),
  probe('domain-is-pure', 'server/domain/order/reads-a-file.ts', 'node:fs'),
  probe('domain-is-pure', 'server/domain/order/uses-a-package.ts', 'commander'),
  probe('domain-is-pure', 'server/domain/order/uses-application.ts', '@/server/application/use-case'),
  probe('contracts-are-a-leaf', 'server/contracts/uses-domain.ts', '@/server/domain/order/order'),
  probe('application-knows-ports-only', 'server/application/uses-adapter.ts', '@/server/adapters/postgres/store'),
  probe('application-knows-ports-only', 'server/application/uses-package.ts', 'commander'),
  probe('replay-drives-the-domain', 'server/replay/uses-application.ts', '@/server/application/use-case'),
  probe('adapters-look-inwards', 'server/adapters/brokers/alpaca/uses-api.ts', '@/server/api/router'),
  probe(
    'adapters-stand-alone',
    'server/adapters/brokers/first/uses-second.ts',
    '@/server/adapters/brokers/second/broker',
  ),
  probe('adapters-stand-alone', 'server/adapters/brokers/alpaca/uses-postgres.ts', '@/server/adapters/postgres/store'),
  probe('brokers-behind-the-gateway', 'workers/uses-broker.ts', '@/server/adapters/brokers/second/broker'),
  probe('brokers-behind-the-gateway', 'workers/uses-broker.test.ts', '@/server/adapters/brokers/second/broker'),
  probe('brokers-behind-the-gateway', 'server/composition/worker.ts', '@/server/adapters/brokers/second/broker'),
  probe('prisma-stays-in-its-adapter', 'server/api/uses-prisma.ts', '@prisma/client'),
  probe('prisma-stays-in-its-adapter', 'workers/uses-pg.ts', 'pg'),
  probe('edges-go-through-composition', 'server/api/uses-adapter.ts', '@/server/adapters/postgres/store'),
  probe('edges-go-through-composition', 'cli/uses-adapter.ts', '@/server/adapters/postgres/store'),
  probe('server-knows-no-page', 'server/api/uses-component.ts', '@/components/button'),
  probe('components-take-data', 'components/uses-auth.ts', '@/server/auth/session'),
  probe('components-see-the-api-as-a-type', 'components/uses-api.ts', '@/server/api/router'),
  probe('app-is-thin', 'app/uses-application.ts', '@/server/application/use-case'),
  probe('app-and-workers-are-apart', 'app/uses-worker.ts', '@/workers/runner'),
  probe('workers-and-app-are-apart', 'workers/uses-component.ts', '@/components/button'),
  probe('workers-and-app-are-apart', 'workers/uses-react.ts', 'react'),
  probe('simulator-is-independent', 'workers/simulator/uses-policy.ts', '@/server/domain/policy/rules'),
  probe('simulator-is-independent', 'workers/simulator/uses-worker.ts', '@/workers/runner'),
  probe('nothing-depends-on-the-simulator', 'workers/uses-simulator.ts', '@/workers/simulator/broker'),
  probe('production-knows-no-test', 'server/application/uses-fake.ts', '@/server/application/testing/fake'),
  probe('production-uses-no-dev-dependency', 'cli/uses-vitest.ts', 'vitest'),
  probe('everything-resolves', 'cli/uses-nothing.ts', '@/cli/missing'),
  {
    rule: 'no-cycles',
    from: 'server/domain/order/first.ts',
    files: {
      'server/domain/order/first.ts': typeOf('./second'),
      'server/domain/order/second.ts':
        "import { used } from './first';\nexport const again = used;\nexport type Value = string;\n",
    },
  },
];

const leaf = 'export const value = 1;\nexport type Value = number;\n';
const packageNames = ['@prisma/client', 'commander', 'pg', 'react', 'vitest', 'zod'];

/** What the probes import, and imports that must stay allowed. */
export const GROUND: Readonly<Record<string, string>> = {
  'package.json': JSON.stringify({
    type: 'module',
    dependencies: { '@prisma/client': '1', commander: '1', pg: '1', react: '1', zod: '1' },
    devDependencies: { vitest: '1' },
  }),
  'tsconfig.json': JSON.stringify({ compilerOptions: { moduleResolution: 'bundler', paths: { '@/*': ['./*'] } } }),
  ...Object.fromEntries(
    packageNames.flatMap((name) => [
      [`node_modules/${name}/package.json`, JSON.stringify({ name, version: '1.0.0', main: 'index.js' })],
      [`node_modules/${name}/index.js`, 'exports.value = 1;\n'],
    ]),
  ),
  'server/domain/order/order.ts': importOf('zod'),
  'server/domain/policy/rules.ts': leaf,
  'server/kernel/money.ts': leaf,
  'server/contracts/orders.ts': importOf('@/server/kernel/money'),
  'server/application/use-case.ts':
    `${leaf}${importOf('@/server/domain/policy/rules').replace('used', 'judged')}`.replace(
      'export const value = 1;\n',
      '',
    ),
  'server/application/testing/fake.ts': leaf,
  'server/adapters/postgres/store.ts': importOf('pg'),
  'server/adapters/brokers/second/broker.ts': leaf,
  'server/api/router.ts': leaf,
  'server/auth/session.ts': leaf,
  'server/composition/web.ts': importOf('@/server/adapters/postgres/store'),
  'server/composition/brokers.ts': importOf('@/server/adapters/brokers/second/broker'),
  'components/button.ts': typeOf('@/server/api/router'),
  'app/page.ts': importOf('@/components/button'),
  'workers/runner.ts': importOf('@/server/composition/web'),
  'workers/simulator/broker.ts': importOf('@/server/kernel/money'),
  'cli/main.ts': importOf('@/server/composition/web'),
};
