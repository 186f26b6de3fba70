import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';

const ROOT = path.resolve(import.meta.dirname, '..', '..', '..', '..');

interface Container {
  readonly image: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly volumes?: readonly string[];
  readonly depends_on?: readonly string[] | Readonly<Record<string, { condition: string }>>;
  readonly ports?: readonly string[];
  readonly healthcheck?: object;
}

const fileOf = (name: string) => readFileSync(path.join(ROOT, name), 'utf8');

function composeFile(name: string): {
  services: Readonly<Record<string, Container>>;
  volumes: Readonly<Record<string, null>>;
} {
  return parse(fileOf(name), { merge: true });
}

test.each(['docker-compose.yml', 'docker-compose.scale.yml'])(
  '%s uses only volumes, services and files that exist, and publishes no port of the service to other machines',
  (name) => {
    const { services, volumes } = composeFile(name);
    const used = Object.values(services).flatMap((service) => service.volumes ?? []);
    const sources = used.map((volume) => volume.split(':')[0] ?? '');
    for (const source of sources)
      if (source.startsWith('.')) expect(fileOf(source).length).toBeGreaterThan(0);
      else expect(Object.keys(volumes)).toContain(source);
    for (const service of Object.values(services)) {
      const needs = Array.isArray(service.depends_on)
        ? service.depends_on
        : Object.keys(service.depends_on ?? {});
      expect(Object.keys(services)).toEqual(expect.arrayContaining(needs));
      if (service.image === 'latchkey')
        expect((service.ports ?? []).every((port) => port.startsWith('127.0.0.1:'))).toBe(true);
    }
  },
);

test('docker-compose.scale.yml has three equal instances with one pepper, each with a folder of its own, and Caddy knows all', () => {
  const { services } = composeFile('docker-compose.scale.yml');
  const instances = Object.entries(services).filter(([, { image }]) => image === 'latchkey');
  expect(instances).toHaveLength(3);
  const folders = instances.map(([, { environment }]) => environment?.LATCHKEY_DATA_DIR);
  expect(new Set(folders).size).toBe(3);
  const rest = instances.map(([, { environment, ...container }]) => ({
    ...container,
    environment: { ...environment, LATCHKEY_DATA_DIR: '' },
  }));
  expect(rest).toEqual([rest[0], rest[0], rest[0]]);
  expect(rest[0]?.environment).toMatchObject({ LATCHKEY_PEPPER_FILE: '/data/pepper' });
  for (const [name, { condition }] of Object.entries(rest[0]?.depends_on ?? {})) {
    expect(condition).toBe('service_healthy');
    expect(services[name]?.healthcheck).toBeDefined();
  }
  const caddyfile = fileOf('deploy/scale/Caddyfile');
  const upstreams = /reverse_proxy ([^{]+) \{/.exec(caddyfile)?.[1]?.split(' ');
  expect(upstreams).toEqual(instances.map(([name]) => `${name}:7400`));
  expect(services.caddy?.depends_on).toEqual(instances.map(([name]) => name));
});
