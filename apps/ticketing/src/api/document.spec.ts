import { readFileSync } from 'node:fs';

interface Operation {
  readonly summary?: string;
  readonly security?: readonly Record<string, unknown>[];
  readonly responses: Readonly<Record<string, { content?: Record<string, { schema?: { $ref?: string } }> }>>;
}

const document = JSON.parse(readFileSync('docs/openapi/ticketing.json', 'utf8')) as {
  paths: Record<string, Record<string, Operation>>;
};
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ name: `${method.toUpperCase()} ${path}`, path, operation })),
);

describe.each(operations)('$name', ({ path, operation }) => {
  const isPublic = path.startsWith('/.well-known') || path.startsWith('/api/v1/auth/');

  it('says what it does and who may', () => {
    expect(operation.summary).toBeTruthy();
    expect(operation.security).toEqual(isPublic ? undefined : [{ bearer: [] }]);
  });

  it('says what it answers when all is well, and with which problems otherwise', () => {
    const entries = Object.entries(operation.responses);
    const good = entries.filter(([status]) => status.startsWith('2'));
    expect(good).toHaveLength(1);
    for (const [status, { content }] of good) if (status !== '204') expect(content).toBeDefined();
    const problems = entries.filter(([status]) => Number(status) >= 400);
    expect(problems.map(([status]) => status)).toEqual(
      expect.arrayContaining(isPublic ? ['400', '503'] : ['400', '401', '403', '503']),
    );
    for (const [, { content }] of problems) {
      expect(content?.['application/problem+json']?.schema?.$ref).toBe('#/components/schemas/ProblemDto');
    }
  });
});
