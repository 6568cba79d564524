// The import rules of docs/architecture.md. tools/check/planted-violation.js proves that they bite.
const order = ['contracts|charset', 'env', 'observability', 'postgres|kafka', 'http', 'auth|intake', 'testing'];
const libRules = order.map((lib, level) => {
  const higher = order
    .slice(level)
    .flatMap((names) => names.split('|'))
    .join('|');
  return {
    name: `lib-order-${lib.replace('|', '-')}`,
    severity: 'error',
    comment: 'a lib imports only lower ones',
    from: { path: `^libs/(${lib})/src`, pathNot: '\\.spec\\.ts$' },
    to: { path: `^libs/(${higher})/`, pathNot: `^libs/$1/` },
  };
});
const outsideTests = { pathNot: '(\\.spec\\.ts$|^(bench|chaos|tools|test)/|^libs/testing/)' };

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'no-unresolved', severity: 'error', from: {}, to: { couldNotResolve: true } },
    ...libRules,
    {
      name: 'libs-know-no-app',
      severity: 'error',
      from: { path: '^libs/' },
      to: { path: '^(apps|bench|chaos|tools|test)/' },
    },
    {
      name: 'apps-are-islands',
      severity: 'error',
      from: { path: '^apps/([^/]+)/', ...outsideTests },
      to: { path: '^(apps/(?!$1/)|bench|chaos|tools|test)' },
    },
    {
      name: 'pure-rooms-ours',
      severity: 'error',
      comment: 'domain/ and normalize/ import, of ours, contracts and charset only: both are pure',
      from: { path: '^apps/([^/]+)/src/(domain|normalize)/', pathNot: '\\.spec\\.ts$' },
      to: { path: '^(apps|libs)/', pathNot: '^(apps/$1/src/$2/|libs/(contracts|charset)/)' },
    },
    {
      name: 'pure-rooms-frameworks',
      severity: 'error',
      from: { path: '^apps/[^/]+/src/(domain|normalize)/' },
      to: { path: 'node_modules/(@nestjs|typeorm|pg|kafkajs|fastify|imapflow|nodemailer)/' },
    },
    {
      name: 'contracts-are-pure-data',
      severity: 'error',
      from: { path: '^libs/contracts/src', pathNot: '\\.spec\\.ts$' },
      to: { path: 'node_modules/', pathNot: 'node_modules/zod/' },
    },
    {
      name: 'sql-in-its-room',
      severity: 'error',
      from: { ...outsideTests, pathNot: `(/store/|^libs/postgres/|${outsideTests.pathNot.slice(1)}` },
      to: { path: 'node_modules/(typeorm|pg|@nestjs/typeorm)/' },
    },
    {
      name: 'kafkajs-in-its-room',
      severity: 'error',
      from: { pathNot: `(^libs/kafka/|${outsideTests.pathNot.slice(1)}` },
      to: { path: 'node_modules/kafkajs/' },
    },
    {
      name: 'outside-in-its-room',
      severity: 'error',
      from: { pathNot: `(/source/|${outsideTests.pathNot.slice(1)}` },
      to: { path: 'node_modules/(imapflow|nodemailer|twilio|undici|axios)/' },
    },
    { name: 'testing-from-tests-only', severity: 'error', from: outsideTests, to: { path: '^libs/testing/' } },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^dist/' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['types', 'import', 'node', 'default'] },
  },
};
