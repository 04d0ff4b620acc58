/** Real payloads and sysinfo, as they are. */
import { expect, test } from 'vitest';
import { fixtureFiles } from './fixtures.case.ts';
import { loadDatacenter } from './load.ts';
import type { Datacenter, Vm } from './model.ts';
import { vmOfPayload } from './payload.ts';
import { formatProblem } from './problem.ts';

const mib = 1_048_576;
const gib = 1_073_741_824;

function load(): { datacenter: Datacenter; warnings: string[] } {
  const loaded = loadDatacenter(fixtureFiles, 'payloads.yaml');
  if (!loaded.ok) throw new Error(loaded.problems.map(formatProblem).join('\n'));
  return { datacenter: loaded.value, warnings: loaded.warnings.map(formatProblem) };
}

function vm(alias: string): Vm {
  return load().datacenter.vms.find((one) => one.alias === alias)!;
}

test('joyent: limits as given, locked memory and tmpfs cut to the physical memory', () => {
  const db = vm('db0');
  expect(db.limits).toMatchObject({
    cpuCap: 250,
    cpuShares: 128,
    zfsIoPriority: 50,
    memoryBytes: 1024 * mib,
    swapBytes: 4096 * mib,
    lockedBytes: 1024 * mib,
    tmpfsBytes: 1024 * mib,
    quotaBytes: 25 * gib,
    maxLwps: 4000,
    vcpus: 0,
  });
  expect(db.recordSizeBytes).toBe(8192);
  expect(db.workers).toBe(8);
  expect(db.workingSetBytes).toBe(512 * mib);
  expect(db.nics.map((nic) => [nic.mac.slice(0, 8), nic.network, nic.vlan, nic.ip, nic.primary])).toEqual([
    ['90:b8:d0', 'external', 0, '10.1.0.20', true],
    ['02:77:28', 'internal', 7, 'dhcp', false],
  ]);
});

test('lx: ram is the physical memory; defaults of vmadm; what stands beside the payload wins', () => {
  const lx = vm('lx0');
  expect(lx.limits).toMatchObject({
    memoryBytes: 2048 * mib,
    swapBytes: 2048 * mib,
    cpuShares: 100,
    maxLwps: 2000,
  });
  expect(lx.workers).toBe(4);
});

test('kvm: 1 GiB over the guest, disks of its image and its own', () => {
  const guest = vm('guest0');
  expect(guest.limits).toMatchObject({
    vcpus: 4,
    ramBytes: 4096 * mib,
    memoryBytes: 5120 * mib,
    quotaBytes: 10 * gib,
  });
  expect(guest.disks).toEqual([
    {
      name: 'disk0',
      sizeBytes: 10_240 * mib,
      blockSizeBytes: 16_384,
      refreservationBytes: 10_240 * mib,
      imageUuid: 'a7199134-7e94-11ec-be67-db6f482136c2',
      boot: true,
      pool: 'zones',
    },
    {
      name: 'disk1',
      sizeBytes: 40_960 * mib,
      blockSizeBytes: 8192,
      refreservationBytes: 20_480 * mib,
      imageUuid: '',
      boot: false,
      pool: 'zones',
    },
  ]);
  expect(guest.nics[0]).toMatchObject({ ip: '10.1.0.33', prefix: 24, gateway: '10.1.0.1' });
});

test('bhyve: 1280 MiB over the guest, a quota of 1 GiB, its own UUID', () => {
  const win = vm('win0');
  expect(win.uuid).toBe('d0d0cafe-0000-4000-8000-00000000beef');
  expect(win.limits).toMatchObject({ memoryBytes: (8192 + 1280) * mib, quotaBytes: gib, vcpus: 2 });
});

test('what has no effect is said once', () => {
  const { warnings } = load();
  expect(warnings).toHaveLength(1);
  expect(warnings[0]).toMatch(
    /^payloads\/joyent\.json:1:1 {2}accepted in payloads, without effect: bhyve_extra_opts, bootrom/,
  );
  expect(warnings[0]).toContain('max_lwps');
  expect(warnings[0]).not.toContain('tags');
});

test('sysinfo makes the node it was printed on', () => {
  const [node] = load().datacenter.nodes;
  expect(node).toMatchObject({
    address: 'cn-0001',
    uuid: '44454c4c-4c00-1058-8051-b4c04f4a5931',
    hostname: 'headnode-spare',
    cpus: 32,
    cores: 16,
    sockets: 2,
    memoryBytes: 131_037 * mib,
  });
  expect(node!.disks.map((disk) => disk.sizeBytes)).toEqual([600e9, 600e9, 600e9, 600e9, 100e9]);
  expect(node!.pools[0]!.vdevs.map((vdev) => vdev.disks.length)).toEqual([2, 2]);
  expect(node!.nics.map((nic) => [nic.name, nic.mac, nic.tags.join()])).toEqual([
    ['igb0', 'bc:30:5b:ee:01:10', 'admin'],
    ['igb1', 'bc:30:5b:ee:01:11', 'external,internal'],
  ]);
});

test('a payload becomes a VM of a running datacenter', () => {
  const { datacenter } = load();
  const json = JSON.stringify({
    alias: 'new',
    brand: 'joyent',
    ram: 512,
    image_uuid: datacenter.images[0]!.uuid,
  });
  const made = vmOfPayload(json, datacenter, { uuid: '', alias: 'new-3', node: 'cn-0001' });
  expect(made).toMatchObject({
    ok: true,
    vm: { alias: 'new-3', node: 'cn-0001', limits: { memoryBytes: 512 * mib } },
  });
  expect(vmOfPayload('{"ram": "x"}', datacenter, { uuid: '', alias: 'a', node: '' })).toEqual({
    ok: false,
    problems: ['payload:1:9  ram  expected a whole number from 0, found "x"'],
  });
  expect(vmOfPayload('[', datacenter, { uuid: '', alias: 'a', node: '' })).toMatchObject({ ok: false });
  expect(vmOfPayload('{"ram": 1 "x": 2}', datacenter, { uuid: '', alias: 'a', node: '' })).toEqual({
    ok: false,
    problems: ['payload:1:11  is not JSON from here on'],
  });
});

test('whole numbers written as text are numbers, as in many a payload of the wild', () => {
  const { datacenter } = load();
  const payload = { alias: 'g', brand: 'kvm', ram: '512', vcpus: '2', disks: [{ size: '20480' }] };
  const identity = { uuid: '', alias: '', node: 'cn-0001' };
  const made = vmOfPayload(JSON.stringify(payload), datacenter, identity);
  expect(made.ok ? [] : made.problems).toEqual([]);
  expect(made.ok && made.vm.limits).toMatchObject({ ramBytes: 512 * mib, vcpus: 2 });
  expect(made.ok && made.vm.disks[0]?.sizeBytes).toBe(20_480 * mib);
  const wrong = vmOfPayload(JSON.stringify({ ...payload, ram: '0x200' }), datacenter, identity);
  expect(wrong.ok ? [] : wrong.problems.join()).toContain('ram  expected a whole number');
});
