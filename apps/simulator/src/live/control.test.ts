import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { credentials, Client, Metadata, status, type ServiceError } from '@grpc/grpc-js';
import { connectControl } from '@orrery/headnode/adapters';
import { readMemoryLog } from '@orrery/log';
import type { Cursor, FollowedFact } from '@orrery/proto';
import { decodeAs } from '@orrery/proto/codec';
import { Simulation } from '../index.ts';
import { quietScenario, SECOND, startLive, type Live } from './live.case.ts';

const refused = async (promise: Promise<unknown>): Promise<ServiceError> => {
  try {
    await promise;
  } catch (error) {
    return error as ServiceError;
  }
  throw new Error('it was not refused');
};

const violations = (error: ServiceError) => {
  const [bytes] = error.metadata.get('grpc-status-details-bin');
  const { details } = decodeAs('RpcStatus', bytes as Buffer) as {
    details: { typeUrl: string; value: Buffer }[];
  };
  expect(details[0]?.typeUrl).toBe('type.googleapis.com/google.rpc.BadRequest');
  const { fieldViolations } = decodeAs('RpcBadRequest', details[0]?.value ?? Buffer.of()) as {
    fieldViolations: { field: string; description: string }[];
  };
  return fieldViolations;
};

const reading = (live: Live, request: object): Promise<FollowedFact[]> =>
  new Promise((resolve, reject) => {
    const facts: FollowedFact[] = [];
    const stream = live.client.stream('followFacts', request);
    stream.on('data', (batch: { facts: FollowedFact[] }) => facts.push(...batch.facts));
    stream.on('error', reject);
    stream.on('end', () => resolve(facts));
  });

describe('the control API', () => {
  let live: Live;
  beforeAll(async () => {
    live = await startLive({ paused: true });
  });
  afterAll(() => live.close());

  test('describes the datacenter and lists what is in it', async () => {
    const { status: run, datacenterJson } = await live.client.call('describeDatacenter', { withSpec: true });
    expect(run).toMatchObject({ runId: 'live', seed: 7, state: 'paused', paused: true });
    expect(JSON.parse(datacenterJson)).toMatchObject({ name: quietScenario().datacenter.name });
    const { nodes } = await live.client.call('listNodes', {});
    expect(nodes.map(({ address, state }) => `${address} ${state}`)).toContain('cn-0001 running');
    const { vms } = await live.client.call('listVms', { match: 'db-*' });
    expect(vms.length).toBeGreaterThan(0);
    const { pools } = await live.client.call('listPools', {});
    expect(pools[0]).toMatchObject({ address: 'cn-0001/pool/zones', state: 'ONLINE' });
  });

  test('steps, takes commands at the boundary it stands at, and takes a retry for the same command', async () => {
    const stepped = await live.client.call('step', { boundaries: 40 });
    expect(stepped).toMatchObject({ time: 2 * SECOND, paused: true });
    const request = {
      requestId: 'one',
      kind: 'disk.slow',
      target: 'cn-0001/disk/c0t0d0',
      params: { factor: '4' },
      forNs: SECOND,
    };
    const first = await live.client.call('injectFault', request);
    expect(first).toMatchObject({ number: 1, time: 2 * SECOND, faultId: 'f1', repeatedRequest: false });
    const again = await live.client.call('injectFault', request);
    expect(again).toMatchObject({ number: 1, time: 2 * SECOND, faultId: 'f1', repeatedRequest: true });
    const logged = [...readMemoryLog(live.log).commands()];
    expect(logged.map(({ requestId }) => requestId)).toEqual(['one']);
    await live.client.call('step', { boundaries: 1 });
    const { faults } = await live.client.call('listFaults', { activeOnly: true });
    expect(faults).toMatchObject([{ faultId: 'f1', kind: 'disk.slow', revertAt: 3 * SECOND }]);
    await live.client.call('step', { boundaries: 40 });
    expect((await live.client.call('listFaults', {})).faults[0]).toMatchObject({ revertedAt: 3 * SECOND });
  });

  test('follows facts from any cursor, by type and actor, each once', async () => {
    const all = await reading(live, { untilNow: true });
    expect(all.length).toBe([...readMemoryLog(live.log).facts()].length);
    const middle = all[Math.floor(all.length / 2)] as FollowedFact;
    const rest = await reading(live, { after: middle.cursor as Cursor, untilNow: true });
    expect(rest).toEqual(all.slice(all.indexOf(middle) + 1));
    const served = await reading(live, { types: ['fault*'], actors: ['cn-0001'], untilNow: true });
    expect(served.map(({ type, actor }) => `${actor} ${type}`)).toEqual([
      'cn-0001/disk/c0t0d0 faultInjected',
      'cn-0001/disk/c0t0d0 faultReverted',
    ]);
  });

  test('refuses with a status, the field and what is near', async () => {
    const target = await refused(
      live.client.call('injectFault', { kind: 'disk.fail', target: 'cn-0001/disk/c0t0d9' }),
    );
    expect(target.code).toBe(status.NOT_FOUND);
    expect(target.details).toContain('did you mean c0t0d0?');
    const param = await refused(
      live.client.call('injectFault', {
        kind: 'disk.fail',
        target: 'cn-0001/disk/c0t0d0',
        params: { mode: 'eror' },
      }),
    );
    expect(param.code).toBe(status.INVALID_ARGUMENT);
    expect(violations(param)[0]?.field).toBe('params.mode');
    const payload = await refused(
      live.client.call('createVm', { payloadJson: '{"brand":"joyent","ramm":1}' }),
    );
    expect(payload.code).toBe(status.INVALID_ARGUMENT);
    expect(violations(payload)[0]?.field).toBe('payload_json');
    const own = await refused(live.client.call('stopVm', { vm: 'db-0', requestId: 'orrery:spec:1' }));
    expect(violations(own)[0]?.field).toBe('request_id');
    const vm = await refused(live.client.call('stopVm', { vm: 'db-O' }));
    expect(vm.code).toBe(status.NOT_FOUND);
    expect(vm.details).toContain('did you mean db-0?');
    for (const [name, request, fields] of [
      ['injectFault', {}, ['kind', 'target']],
      ['revertFault', {}, ['fault_id']],
      ['repair', { kind: 'disk.replace' }, ['target']],
      ['stopVm', {}, ['vm']],
      ['createVm', {}, ['payload_json']],
    ] as const) {
      const missing = await refused(live.client.call(name, request));
      expect(missing.code).toBe(status.INVALID_ARGUMENT);
      expect(violations(missing)).toEqual(fields.map((field) => ({ field, description: 'is missing' })));
    }
    const type = await refused(reading(live, { types: ['poolStateChange'] }));
    expect(type.details).toContain('poolStateChanged');
    const large = await refused(live.client.call('createVm', { payloadJson: 'x'.repeat(2 << 20) }));
    expect(large.code).toBe(status.RESOURCE_EXHAUSTED);
    const late = await refused(live.client.call('describeDatacenter', {}, -1));
    expect(late.code).toBe(status.DEADLINE_EXCEEDED);
  });

  test('takes bytes that are no request for an invalid argument', async () => {
    const raw = new Client(live.server.address, credentials.createInsecure());
    const same = (bytes: Buffer) => bytes;
    const error = await refused(
      new Promise((resolve, reject) =>
        raw.makeUnaryRequest(
          '/orrery.v1.Control/ListNodes',
          same,
          same,
          Buffer.from([0x0a, 0xff]),
          (failed, value) => (failed === null ? resolve(value) : reject(failed)),
        ),
      ),
    );
    raw.close();
    expect(error.code).toBe(status.INVALID_ARGUMENT);
  });

  test('answers questions from its log', async () => {
    const { lines, verdict } = await live.client.call('why', { subject: 'cn-0001' });
    expect(verdict).toBe('up');
    expect(lines.length).toBeGreaterThan(0);
    expect((await refused(live.client.call('why', { subject: 'cn-0009' }))).code).toBe(status.NOT_FOUND);
  });

  test('creates and stops VMs', async () => {
    const { imageUuid } = quietScenario().datacenter.vms[0] as { imageUuid: string };
    const payload = {
      brand: 'joyent',
      alias: 'fresh',
      image_uuid: imageUuid,
      max_physical_memory: 256,
      cpu_cap: 50,
    };
    const made = await live.client.call('createVm', { payloadJson: JSON.stringify(payload) });
    expect(made.uuid).toMatch(/^[0-9a-f-]{36}$/);
    expect((await live.client.call('listVms', { match: 'fresh' })).vms[0]?.state).toBe('provisioning');
    await live.client.call('step', { boundaries: 1200 });
    const { vms } = await live.client.call('listVms', { match: 'fresh' });
    expect(vms).toMatchObject([{ uuid: made.uuid, alias: 'fresh', state: 'running', job: '' }]);
    await live.client.call('stopVm', { vm: 'fresh' });
    await live.client.call('step', { boundaries: 1200 });
    expect((await live.client.call('listVms', { match: 'fresh' })).vms[0]).toMatchObject({
      state: 'stopped',
    });
  });

  test('ends with the digest that its log replays to', async () => {
    const ended = await live.client.call('endRun', {});
    const reader = readMemoryLog(live.log);
    expect(reader.ended).toMatchObject({ time: ended.time, digest: ended.digest });
    const replay = new Simulation({ scenario: quietScenario(), seed: 7, logged: reader.commands() });
    replay.advance(ended.time);
    expect(replay.digest()).toBe(ended.digest);
  });
});

test('comes to the same digest at any speed, with the same commands at the same boundaries', async () => {
  const digests: string[] = [];
  // Far enough behind the pause that a busy machine does not run past it.
  const END = 60 * SECOND;
  const left = (live: Live) => ({ boundaries: Math.round((END - live.run.now) / 50_000_000) });
  for (const speed of [Infinity, 30]) {
    const live = await startLive({ speed, paused: true });
    const { client } = live;
    await client.call('step', { boundaries: 20 });
    await client.call('injectFault', { kind: 'disk.fail', target: 'cn-0001/disk/c0t0d0' });
    await client.call('stopVm', { vm: 'db-0' });
    if (speed === Infinity) await client.call('step', left(live));
    else {
      await client.call('snapshot', {});
      await client.call('resume', {});
      while (live.run.now < 15 * SECOND) await setTimeout(5);
      await client.call('pause', {});
      await client.call('step', left(live));
    }
    const ended = await client.call('endRun', {});
    expect(ended.time).toBe(END);
    digests.push(ended.digest);
    await live.close();
  }
  expect(digests[0]).toBe(digests[1]);
});

test('asks for its token, and for nothing to say that it is well', async () => {
  const live = await startLive({ token: 'secret', paused: true });
  const open = connectControl({ address: live.server.address });
  const wrong = connectControl({ address: live.server.address, token: 'guess' });
  expect((await refused(open.call('describeDatacenter', {}))).code).toBe(status.UNAUTHENTICATED);
  expect((await refused(wrong.call('describeDatacenter', {}))).code).toBe(status.UNAUTHENTICATED);
  expect((await live.client.call('describeDatacenter', {})).status?.state).toBe('paused');
  const raw = new Client(live.server.address, credentials.createInsecure());
  const same = (bytes: Buffer) => bytes;
  const health = await new Promise<Buffer | undefined>((resolve, reject) =>
    raw.makeUnaryRequest(
      '/grpc.health.v1.Health/Check',
      same,
      same,
      Buffer.of(),
      new Metadata(),
      (error, value) => (error === null ? resolve(value) : reject(error)),
    ),
  );
  expect(health).toEqual(Buffer.from([0x08, 0x01]));
  const schemed = new Metadata();
  schemed.set('authorization', 'bearer secret');
  const nodes = await new Promise<Buffer | undefined>((resolve, reject) =>
    raw.makeUnaryRequest('/orrery.v1.Control/ListNodes', same, same, Buffer.of(), schemed, (error, value) =>
      error === null ? resolve(value) : reject(error),
    ),
  );
  expect(nodes?.length).toBeGreaterThan(0);
  raw.close();
  open.close();
  wrong.close();
  await live.close();
});

test('lists its service by reflection', async () => {
  const live = await startLive({ paused: true });
  const raw = new Client(live.server.address, credentials.createInsecure());
  const same = (bytes: Buffer) => bytes;
  const stream = raw.makeBidiStreamRequest(
    '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo',
    same,
    same,
  );
  const listed = new Promise<string>((resolve) =>
    stream.on('data', (bytes: Buffer) => resolve(bytes.toString())),
  );
  stream.write(Buffer.from([0x3a, 0x01, 0x2a]));
  expect(await listed).toContain('orrery.v1.Control');
  stream.end();
  raw.close();
  await live.close();
});

test('keeps many followers, a slow one among them, without holding anybody up or losing anything', async () => {
  const live = await startLive({ speed: Infinity });
  const FOLLOWERS = 60;
  const counts = Array.from({ length: FOLLOWERS }, () => 0);
  const streams = counts.map((_, i) => {
    const stream = live.client.stream('followFacts', {});
    stream.on('data', (batch: { facts: unknown[] }) => {
      counts[i] = (counts[i] as number) + batch.facts.length;
    });
    stream.on('error', () => undefined);
    return stream;
  });
  const slow = live.client.stream('followFacts', {});
  slow.on('error', () => undefined);
  slow.pause();
  while (live.run.now < 120 * SECOND) await setTimeout(50);
  await live.client.call('pause', {});
  const total = () => [...readMemoryLog(live.log).facts()].length;
  while (counts.some((count) => count < total())) await setTimeout(20);
  expect(new Set(counts)).toEqual(new Set([total()]));
  let late = 0;
  slow.on('data', (batch: { facts: unknown[] }) => {
    late += batch.facts.length;
  });
  slow.resume();
  while (late < total()) await setTimeout(20);
  expect(late).toBe(total());
  for (const stream of [...streams, slow]) stream.cancel();
  await live.close();
});
