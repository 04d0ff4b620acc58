/** A nats-server in a container of its own, for tests where a Docker daemon answers. */
import { connect } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { freePort } from './free-port.case.ts';
import type { NatsServer } from './nats-server.case.ts';

const IMAGE = 'nats:2';
const PORT = 4222;
const CONFIGURATION = '/orrery-test.conf';
/** How long a server that was started again may take to listen, ms. */
const START_MS = 60_000;

/** @throws Error when no Docker daemon answers, or it has no such image and cannot get it */
export async function startNatsContainer(configuration?: string): Promise<NatsServer> {
  // The reaper would be one image more; the container is removed when the test lets go of it.
  process.env.TESTCONTAINERS_RYUK_DISABLED ??= 'true';
  const { GenericContainer, getContainerRuntimeClient, Wait } = await import('testcontainers');
  const port = await freePort();
  const config = configuration === undefined ? [] : ['-c', CONFIGURATION];
  const described = new GenericContainer(IMAGE)
    .withExposedPorts({ container: PORT, host: port })
    .withCommand(['-js', '-a', '0.0.0.0', '-p', String(PORT), ...config])
    .withCopyContentToContainer(
      configuration === undefined ? [] : [{ content: configuration, target: CONFIGURATION }],
    )
    .withWaitStrategy(Wait.forLogMessage(/Server is ready/));
  const started = await described.start();
  const { container } = await getContainerRuntimeClient();
  const inside = container.getById(started.getId());
  return {
    url: `127.0.0.1:${port}`,
    kill: async () => {
      await inside.kill({ signal: 'SIGKILL' });
    },
    restart: async () => {
      await inside.start();
      await listens(port);
    },
    close: async () => {
      await started.stop({ timeout: 0 });
    },
  };
}

/** The port answers before the server does: only the server says something first. */
async function listens(port: number): Promise<void> {
  const end = performance.now() + START_MS;
  const greets = (): Promise<boolean> =>
    new Promise((resolve) => {
      const socket = connect(port, '127.0.0.1');
      const answer = (is: boolean) => (): void => {
        socket.destroy();
        resolve(is);
      };
      socket.once('data', answer(true)).once('error', answer(false)).once('close', answer(false));
    });
  while (!(await greets())) {
    if (performance.now() > end) throw new Error(`the nats-server in a container did not come back`);
    await setTimeout(50);
  }
}
