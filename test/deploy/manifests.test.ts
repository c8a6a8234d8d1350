/** What the manifests name has to exist: commands, roles, ports, paths, variables, metrics; and names agree with each other. */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { parse, parseAllDocuments } from 'yaml';
import { loadConfig } from '../../config/load.ts';
import { queueMetrics } from '../../src/process-metrics.ts';

const ROOT = new URL('../../', import.meta.url).pathname;
const FOLDER = `${ROOT}deploy/kubernetes/`;
const read = (path: string): string => readFileSync(`${ROOT}${path}`, 'utf8');

interface Container {
  readonly name: string;
  readonly image: string;
  readonly args: readonly string[];
  readonly env: readonly { readonly name: string; readonly value: string }[];
  readonly envFrom: readonly { readonly secretRef: { readonly name: string } }[];
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
  readonly livenessProbe: Probe;
  readonly readinessProbe: Probe;
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[];
}
interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string };
}
interface Labels {
  readonly [name: string]: string;
}
interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly stringData: Labels;
  readonly data: Labels;
  readonly spec: {
    readonly replicas?: number;
    readonly selector: Labels & { readonly matchLabels: Labels };
    readonly minAvailable?: number;
    readonly maxUnavailable?: number;
    readonly ports: readonly { readonly targetPort: string }[];
    readonly scaleTargetRef: { readonly name: string };
    readonly minReplicaCount?: number;
    readonly advanced?: {
      readonly horizontalPodAutoscalerConfig: {
        readonly behavior: { readonly scaleDown: { readonly stabilizationWindowSeconds: number } };
      };
    };
    readonly triggers: readonly { readonly type: string; readonly metadata: Labels }[];
    readonly template: {
      readonly metadata: { readonly labels: Labels };
      readonly spec: {
        readonly terminationGracePeriodSeconds: number;
        readonly enableServiceLinks?: boolean;
        readonly containers: readonly [Container];
        readonly volumes: readonly {
          readonly name: string;
          readonly configMap?: { readonly name: string };
        }[];
      };
    };
  };
}

const files = globSync('*.yaml', { cwd: FOLDER }).filter((file) => !/^(kustomization|oppsync)\./.test(file));
const manifests = files.flatMap((file) =>
  parseAllDocuments(read(`deploy/kubernetes/${file}`)).map((document) => {
    assert.deepEqual(document.errors, [], file);
    return document.toJS() as Manifest;
  }),
);
const of = (kind: string): readonly Manifest[] => manifests.filter((one) => one.kind === kind);
const deployments = of('Deployment');
const secret = of('Secret')[0] ?? assert.fail('there is an example of the secret');
const kustomization = parse(read('deploy/kubernetes/kustomization.yaml')) as {
  readonly resources: readonly string[];
  readonly configMapGenerator: readonly [{ readonly name: string; readonly files: readonly string[] }];
  readonly images: readonly [{ readonly name: string; readonly newTag: string }];
};

describe('Kubernetes manifests', () => {
  it('are of the versions clusters know', () => {
    const versions = Object.fromEntries(manifests.map(({ kind, apiVersion }) => [kind, apiVersion]));
    assert.deepEqual(versions, {
      Deployment: 'apps/v1',
      PodDisruptionBudget: 'policy/v1',
      ScaledObject: 'keda.sh/v1alpha1',
      Secret: 'v1',
      Service: 'v1',
    });
  });

  it('there is one Deployment and one disruption budget for each role of a deployment', () => {
    const names = ['oppsync-scheduler', 'oppsync-web', 'oppsync-workers'];
    assert.deepEqual(deployments.map(({ metadata }) => metadata.name).sort(), names);
    assert.deepEqual(
      of('PodDisruptionBudget')
        .map(({ metadata }) => metadata.name)
        .sort(),
      names,
    );
    for (const { spec } of of('PodDisruptionBudget')) {
      assert.equal([spec.minAvailable, spec.maxUnavailable].filter((one) => one !== undefined).length, 1);
      assert.ok(deployments.some((one) => covers(one, spec.selector.matchLabels)));
    }
  });

  for (const { metadata, spec } of deployments) {
    const { containers, volumes, terminationGracePeriodSeconds } = spec.template.spec;
    const [container] = containers;

    it(`${metadata.name} runs a command with roles there are, for as long as it needs to stop`, () => {
      const [command, json, option, roles = ''] = container.args;
      // With --json all it says, also what is for people else, can be read by a collector of logs.
      assert.deepEqual([command, json, option], ['serve', '--json', '--role']);
      const known = /ROLES[^=]*= \[([^\]]+)\]/.exec(sourceOfRoles())?.[1] ?? '';
      for (const role of roles.split(',')) assert.ok(known.includes(`'${role}'`), `${role} in ${known}`);
      assert.ok(terminationGracePeriodSeconds > 25);
      assert.equal(spec.template.spec.enableServiceLinks, false);
      assert.deepEqual(spec.selector.matchLabels, spec.template.metadata.labels);
    });

    it(`${metadata.name} is asked where it answers`, () => {
      const port = container.ports.find(({ name }) => name === 'http')?.containerPort;
      assert.equal(String(port), container.env.find(({ name }) => name === 'OPPSYNC_HTTP_PORT')?.value);
      assert.match(read('Dockerfile'), new RegExp(`EXPOSE ${port}\\b`));
      assert.ok((container.args[3] ?? '').split(',').includes('web'), 'only the web role answers');
      for (const [probe, path] of [
        [container.livenessProbe, '/healthz'],
        [container.readinessProbe, '/readyz'],
      ] as const) {
        assert.deepEqual(probe.httpGet, { path, port: 'http' });
        assert.ok(read('src/http/app.ts').includes(`'${path}'`));
      }
    });

    it(`${metadata.name} gets its configuration, its secrets and no variable oppsync does not know`, () => {
      assert.deepEqual(container.envFrom, [{ secretRef: { name: secret.metadata.name } }]);
      const mounted = volumes.find(({ configMap }) => configMap !== undefined);
      assert.equal(mounted?.configMap?.name, kustomization.configMapGenerator[0].name);
      assert.equal(container.volumeMounts.find(({ name }) => name === mounted?.name)?.mountPath, '/config');
      assert.match(read('Dockerfile'), /WORKDIR \/config/);
      assert.equal(container.image, kustomization.images[0].name);
      const given = Object.fromEntries(container.env.map(({ name, value }) => [name, value]));
      const secrets = Object.entries(secret.stringData).map(([name, value]) => [name, value || 'x']);
      const config = loadConfig({ env: { ...given, ...Object.fromEntries(secrets) }, cwd: FOLDER });
      assert.equal(config.database.url, secret.stringData['DATABASE_URL']);
      assert.equal(config.redis.url, secret.stringData['REDIS_URL']);
      assert.equal(String(config.http.port), given['OPPSYNC_HTTP_PORT']);
      assert.equal(config.log.level, given['OPPSYNC_LOG_LEVEL']);
    });
  }

  it('the service sends to the web pods alone', () => {
    const [service] = of('Service');
    const targets = deployments.filter((one) => covers(one, service?.spec.selector ?? {}));
    assert.deepEqual(
      targets.map(({ metadata }) => metadata.name),
      ['oppsync-web'],
    );
    assert.equal(service?.spec.ports[0]?.targetPort, 'http');
  });

  it('workers are scaled by a metric that is told, and their number is left to that', async () => {
    const [scaling] = of('ScaledObject');
    const workers = deployments.find(({ metadata }) => metadata.name === scaling?.spec.scaleTargetRef.name);
    assert.equal(workers?.metadata.name, 'oppsync-workers');
    assert.equal(workers?.spec.replicas, undefined);
    const [trigger] = scaling?.spec.triggers ?? [];
    assert.equal(trigger?.type, 'prometheus');
    // Each state of each queue once, whichever pods tell of it: what waits and what is under way are added up.
    const query = /^sum\(max by \(([^)]+)\) \((\w+)\{state=~"([^"]+)"\}\)\)$/.exec(
      trigger?.metadata['query'] ?? '',
    );
    const depth = { waiting: 1, active: 2, delayed: 4, failed: 8 };
    const [told] = await queueMetrics({
      depth: async () => ({ pull: depth, reconcile: depth, push: depth, measure: depth }),
    });
    assert.equal(query?.[2], told?.name);
    assert.deepEqual(query?.[1]?.split(', '), Object.keys(told?.samples[0]?.labels ?? {}));
    const counted = new RegExp(`^(${query?.[3]})$`);
    const jobs = (told?.samples ?? []).filter(({ labels }) => counted.test(labels?.['state'] ?? ''));
    assert.equal(
      jobs.reduce((sum, { value }) => sum + value, 0),
      4 * (depth.waiting + depth.active),
    );
    assert.match(trigger?.metadata['threshold'] ?? '', /^\d+$/);
    // Its cooldownPeriod would only count on the way to none at all.
    assert.ok((scaling?.spec.minReplicaCount ?? 0) > 0);
    const { scaleDown } = scaling?.spec.advanced?.horizontalPodAutoscalerConfig.behavior ?? {};
    assert.ok((scaleDown?.stabilizationWindowSeconds ?? 0) > 60);
  });

  it('everything but the example of the secret is applied, with the version of the program', () => {
    assert.deepEqual(
      [...kustomization.resources].sort(),
      files.filter((file) => file !== 'secret.example.yaml').sort(),
    );
    const { version } = JSON.parse(read('package.json')) as { version: string };
    assert.equal(kustomization.images[0].newTag, version);
  });

  it('compose.yaml has the same roles and gives them as long to stop', () => {
    const compose = parse(read('compose.yaml'), { merge: true }) as {
      services: Record<string, { command?: string[]; environment?: Labels; stop_grace_period?: string }>;
    };
    const ours = Object.entries(compose.services).filter(([, { command }]) => command?.[0] === 'serve');
    assert.deepEqual(
      ours.map(([name]) => `oppsync-${name}`).sort(),
      deployments.map((one) => one.metadata.name).sort(),
    );
    for (const [name, service] of ours) {
      assert.ok(Number.parseInt(service.stop_grace_period ?? '0', 10) > 25, name);
      assert.deepEqual(Object.keys(service.environment ?? {}).sort(), Object.keys(secret.stringData).sort());
    }
  });
});

function covers({ spec }: Manifest, labels: Labels): boolean {
  return Object.entries(labels).every(([name, value]) => spec.template.metadata.labels[name] === value);
}

function sourceOfRoles(): string {
  return read('src/cli/commands/serve.ts');
}
