/** The real servers that tests talk to: in containers where a Docker daemon answers, else as programs of this machine. */
import { GenericContainer, Wait } from 'testcontainers';
import { startNatsContainer } from '../../packages/bus/src/adapters/nats/nats-container.case.ts';
import { startNatsServer, type NatsServer } from '../../packages/bus/src/adapters/nats/nats-server.case.ts';
import { findJaeger, jaegerAt, startJaeger, type Jaeger } from '../proof/jaeger.ts';
import { dockerAnswers } from '../../packages/bus/src/adapters/nats/docker.case.ts';

const JAEGER_IMAGE = 'jaegertracing/jaeger:2.13.0';
const QUERY = 16_686;
const OTLP_GRPC = 4317;
const OTLP_HTTP = 4318;

/** A server, and how it runs. */
export interface Part<Server> {
  readonly how: 'container' | 'program';
  readonly server: Server;
}

/** @throws Error when there is neither a Docker daemon nor a nats-server */
export async function startNats(): Promise<Part<NatsServer>> {
  return (await dockerAnswers())
    ? { how: 'container', server: await startNatsContainer() }
    : { how: 'program', server: await startNatsServer() };
}

/** @throws Error when there is neither a Docker daemon nor a Jaeger */
export async function startJaegerPart(): Promise<Part<Jaeger>> {
  if (await dockerAnswers()) return { how: 'container', server: await jaegerContainer() };
  const binary = await findJaeger();
  if (binary === undefined)
    throw new Error(
      'no Docker daemon answers, and no jaeger is on PATH or by ../shared/tools/real-parts jaeger',
    );
  return { how: 'program', server: await startJaeger(binary) };
}

async function jaegerContainer(): Promise<Jaeger> {
  const container = await new GenericContainer(JAEGER_IMAGE)
    .withExposedPorts(QUERY, OTLP_GRPC, OTLP_HTTP)
    .withWaitStrategy(Wait.forHttp('/api/services', QUERY))
    .start();
  return jaegerAt({
    query: container.getMappedPort(QUERY),
    http: container.getMappedPort(OTLP_HTTP),
    grpc: container.getMappedPort(OTLP_GRPC),
    stop: async () => void (await container.stop({ timeout: 0 })),
  });
}
