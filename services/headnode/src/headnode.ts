/**
 * The head node's actor: hears heartbeats, boots nodes over the network, keeps the inventory, and does the work that jobs ask for.
 * It knows of the datacenter only what it was told: a VM on a node that fell silent is still `running` to it.
 */
import { defineActor, type ActorId, type Context } from '@orrery/actor';
import { SECOND } from '@orrery/kernel';
import type { Messages } from '@orrery/proto';
import { uuidOf, vmOfPayload, type Datacenter, type Vm } from '@orrery/spec';
import {
  addVm,
  candidates,
  demandOf,
  makeInventory,
  serverOf,
  vmOf,
  type Inventory,
  type Server,
} from './inventory.ts';
import { releaseAddress, reserveAddress } from './model/addresses.ts';
import { chooseServer } from './model/placement.ts';
import type { JobInit } from './job.ts';
import type { JobKind } from './machine/job.ts';

/** A server is reconciled every 5 s and unknown when its last heartbeat is older than 11 s (sdc-cnapi lib/common.js). */
export const reconcileNs = 5 * SECOND;
export const staleNs = 11 * SECOND;

/** How long VMs without a node wait for servers that have not been heard of, once one has, ns. */
export const gatherNs = 60 * SECOND;

export const platform = '20260301T000000Z';

interface JobRow {
  id: ActorId;
  kind: JobKind;
  /** The VM to be made, for provision. */
  vm: Vm | undefined;
  uuid: string;
  server: string;
  image: string;
}

interface Headnode {
  inventory: Inventory;
  /** Without nodes, VMs and workloads: what a payload is read against. */
  datacenter: Datacenter;
  /** VMs of the datacenter that name no node: they are provisioned as soon as there are servers to choose from. */
  unplaced: Vm[];
  jobs: Record<string, JobRow>;
  jobCount: number;
  tasks: Record<string, { job: ActorId; step: 'image' | 'done' }>;
  taskCount: number;
  /** Jobs waiting for the allocation ticket; the first holds it. */
  allocation: ActorId[];
  /** Jobs waiting for a VM's ticket, by uuid; the first holds it. */
  vmTickets: Record<string, ActorId[]>;
  /** Images being brought to a server, and the jobs that wait for them. */
  imagesUnderWay: Record<string, ActorId[]>;
}

export const headnodeKind = defineActor<Headnode, Datacenter>({
  name: 'headnode',
  service: 'headnode',
  init: (ctx, datacenter) => {
    ctx.timer('reconcile', ctx.now + reconcileNs, 'tick', { name: 'reconcile', number: 0 });
    const unplaced = datacenter.vms.filter((vm) => vm.node === '');
    if (unplaced.length > 0 && datacenter.start === 'running') placeSoon(ctx, 0);
    return {
      inventory: makeInventory(datacenter, (address) => ctx.lookup(address) ?? 0),
      datacenter: { ...datacenter, nodes: [], vms: [], workloads: [], programs: [] },
      unplaced,
      jobs: {},
      jobCount: 0,
      tasks: {},
      taskCount: 0,
      allocation: [],
      vmTickets: {},
      imagesUnderWay: {},
    };
  },
  on: {
    heartbeat: hearHeartbeat,
    netBoot: (ctx, _state, { node }) => ctx.send(node, 'netBootReply', { platform }),
    tick: (ctx, state, { name }) => (name === 'place' ? placeAll(ctx, state) : reconcile(ctx, state)),
    vmCommand: takeCommand,
    jobStep: (ctx, state, { name, text }) => doStep(ctx, state, name, text),
    vmTaskStep: (ctx, state, message) => {
      const task = state.tasks[message.task];
      if (task !== undefined) ctx.send(task.job, 'vmTaskStep', message);
    },
    vmTaskDone: finishTask,
  },
});

function hearHeartbeat(ctx: Context, state: Headnode, message: Messages['heartbeat']): void {
  const server = serverOf(state.inventory, ctx.addressOf(message.node));
  if (server === undefined) return;
  if (message.sentAt > server.lastHeartbeat) server.lastHeartbeat = message.sentAt;
  if (server.status !== 'running') {
    setStatus(ctx, server, 'running');
    if (state.unplaced.length > 0) gather(ctx, state);
  }
  for (const vm of message.vms) {
    const row = vmOf(state.inventory, vm.uuid);
    if (row === undefined || row.state === vm.state) continue;
    const stateBefore = row.state;
    row.state = vm.state;
    ctx.emit('vmStateReported', { uuid: vm.uuid, server: server.address, stateBefore, state: vm.state });
  }
}

function placeSoon(ctx: Context, afterNs: number): void {
  ctx.timer('place', ctx.now + afterNs, 'tick', { name: 'place', number: 0 });
}

/** Waits for the other servers, so that the first to boot does not get every VM; but not for ever. */
function gather(ctx: Context, state: Headnode): void {
  if (state.inventory.servers.every(({ status }) => status === 'running')) placeSoon(ctx, 0);
  else if (ctx.timerAt('place') === undefined) placeSoon(ctx, gatherNs);
}

function placeAll(ctx: Context, state: Headnode): void {
  for (const vm of state.unplaced.splice(0)) {
    ctx.cause = { actor: 0, n: 0 };
    startJob(ctx, state, 'provision', vm.uuid, vm, '');
  }
}

function setStatus(ctx: Context, server: Server, status: Server['status']): void {
  const { address, status: statusBefore, lastHeartbeat } = server;
  server.status = status;
  ctx.emit('serverStatusChanged', { server: address, statusBefore, status, lastHeartbeat });
}

function reconcile(ctx: Context, state: Headnode): void {
  for (const server of state.inventory.servers) {
    if (server.status === 'running' && ctx.now - server.lastHeartbeat > staleNs) {
      ctx.cause = { actor: 0, n: 0 };
      setStatus(ctx, server, 'unknown');
    }
  }
  ctx.cause = { actor: 0, n: 0 };
  ctx.timer('reconcile', ctx.now + reconcileNs, 'tick', { name: 'reconcile', number: 0 });
}

function takeCommand(ctx: Context, state: Headnode, command: Messages['vmCommand']): void {
  if (command.action !== 'create') {
    startJob(
      ctx,
      state,
      command.action as JobKind,
      command.uuid,
      undefined,
      vmOf(state.inventory, command.uuid)?.server ?? '',
    );
    return;
  }
  const cause = ctx.cause;
  const alias = (JSON.parse(command.payloadJson) as { alias?: string }).alias ?? '';
  for (let i = 0; i < Math.max(1, command.count); i++) {
    ctx.cause = cause;
    const uuid = command.count > 1 ? uuidOf(`vm:${state.jobCount + 1}`) : command.uuid;
    const numbered = command.count > 1 ? `${alias}-${i}` : alias;
    const identity = { uuid, alias: numbered, node: '' };
    const read = vmOfPayload(command.payloadJson, state.datacenter, identity);
    if (read.ok) {
      startJob(ctx, state, 'provision', read.vm.uuid, read.vm, command.server);
    } else {
      const error = read.problems.join('; ');
      const job = uuidOf(`job:${++state.jobCount}`);
      ctx.emit('jobStateChanged', {
        job,
        kind: 'provision',
        vm: uuid,
        executionBefore: 'queued',
        execution: 'failed',
        error,
      });
    }
  }
}

function startJob(
  ctx: Context,
  state: Headnode,
  kind: JobKind,
  uuid: string,
  vm: Vm | undefined,
  server: string,
): void {
  const number = ++state.jobCount;
  const init: JobInit = { uuid: uuidOf(`job:${number}`), kind, vm: uuid, headnode: ctx.self };
  const id = ctx.spawn('job', `job/${number}`, init);
  state.jobs[id] = { id, kind, vm, uuid, server, image: vm?.imageUuid ?? '' };
}

function answer(ctx: Context, job: ActorId, name: string, text = ''): void {
  ctx.send(job, 'jobStep', { name, text });
}

function doStep(ctx: Context, state: Headnode, name: string, text: string): void {
  const job = state.jobs[ctx.source];
  if (job === undefined) return;
  switch (name) {
    case 'askAllocationTicket':
      if (state.allocation.push(job.id) === 1) answer(ctx, job.id, 'ticket');
      return;
    case 'askVmTicket':
      if ((state.vmTickets[job.uuid] ??= []).push(job.id) === 1) answer(ctx, job.id, 'ticket');
      return;
    case 'choose':
      return choose(ctx, state, job);
    case 'releaseTicket':
      return releaseAllocation(ctx, state, job.id);
    case 'reserve':
      return reserve(ctx, state, job);
    case 'ensureImage':
      return ensureImage(ctx, state, job);
    case 'sendTask':
      return sendTask(ctx, state, job, job.kind === 'provision' ? 'create' : job.kind, 'done');
    case 'succeed':
      return settle(ctx, state, job, '');
    case 'fail':
      return settle(ctx, state, job, text === '' ? 'failed' : text);
  }
}

function releaseAllocation(ctx: Context, state: Headnode, job: ActorId): void {
  const index = state.allocation.indexOf(job);
  if (index < 0) return;
  state.allocation.splice(index, 1);
  if (index === 0 && state.allocation.length > 0) answer(ctx, state.allocation[0], 'ticket');
}

function choose(ctx: Context, state: Headnode, job: JobRow): void {
  const vm = job.vm as Vm;
  if (job.server === '') {
    const choice = chooseServer(candidates(state.inventory), demandOf(vm), ctx.stream('placement'));
    if ('refusedBy' in choice) {
      answer(ctx, job.id, 'failed', `no server has room: ${choice.refusedBy} left none`);
      return;
    }
    job.server = choice.server;
  } else if (serverOf(state.inventory, job.server)?.status !== 'running') {
    answer(ctx, job.id, 'failed', `${job.server} is not running`);
    return;
  }
  addVm(state.inventory, vm, job.server, 'provisioning');
  answer(ctx, job.id, 'chosen', job.server);
}

function reserve(ctx: Context, state: Headnode, job: JobRow): void {
  const vm = job.vm as Vm;
  const row = vmOf(state.inventory, vm.uuid);
  const nics = [];
  for (const nic of vm.nics) {
    const pool = state.inventory.pools[nic.network];
    if (pool === undefined || /^[0-9]/.test(nic.ip)) {
      nics.push(nic);
      continue;
    }
    const ip = reserveAddress(pool);
    if (ip === undefined) {
      answer(ctx, job.id, 'failed', `network ${nic.network} has no address left`);
      return;
    }
    row?.addresses.push({ network: nic.network, ip });
    nics.push({ ...nic, ip });
  }
  job.vm = { ...vm, nics, node: job.server };
  answer(ctx, job.id, 'reserved', nics.map((nic) => nic.ip).join(' '));
}

function ensureImage(ctx: Context, state: Headnode, job: JobRow): void {
  const server = serverOf(state.inventory, job.server);
  if (server === undefined || job.image === '' || server.images.includes(job.image)) {
    answer(ctx, job.id, 'image', 'there already');
    return;
  }
  const key = `${job.server} ${job.image}`;
  const waiting = (state.imagesUnderWay[key] ??= []);
  if (waiting.push(job.id) === 1) sendTask(ctx, state, job, 'ensure_image', 'image');
}

function sendTask(ctx: Context, state: Headnode, job: JobRow, action: string, step: 'image' | 'done'): void {
  const server = serverOf(state.inventory, job.server);
  if (server === undefined || server.status !== 'running') {
    answer(ctx, job.id, 'failed', `server ${job.server === '' ? 'of the VM' : job.server} is not running`);
    return;
  }
  const task = ++state.taskCount;
  state.tasks[task] = { job: job.id, step };
  const vmJson = job.vm === undefined ? '' : JSON.stringify(job.vm);
  ctx.send(server.id, 'vmTask', { task, action, uuid: job.uuid, vmJson, job: job.id });
}

function finishTask(ctx: Context, state: Headnode, done: Messages['vmTaskDone']): void {
  const task = state.tasks[done.task];
  if (task === undefined) return;
  delete state.tasks[done.task];
  const job = state.jobs[task.job];
  if (job === undefined) return;
  if (task.step === 'image') {
    const key = `${job.server} ${job.image}`;
    const waiting = state.imagesUnderWay[key] ?? [];
    delete state.imagesUnderWay[key];
    if (done.error === '') serverOf(state.inventory, job.server)?.images.push(job.image);
    for (const id of waiting) {
      if (done.error === '') answer(ctx, id, 'image', 'fetched');
      else answer(ctx, id, 'failed', done.error);
    }
  } else if (done.error === '') {
    const row = vmOf(state.inventory, job.uuid);
    if (row !== undefined && done.state !== '') row.state = done.state;
    answer(ctx, job.id, 'done');
  } else {
    answer(ctx, job.id, 'failed', done.error);
  }
}

/** A job is over: what it held goes to the next; a VM that was not made gives its addresses back. */
function settle(ctx: Context, state: Headnode, job: JobRow, error: string): void {
  releaseAllocation(ctx, state, job.id);
  const tickets = state.vmTickets[job.uuid];
  if (tickets !== undefined) {
    const held = tickets[0] === job.id;
    state.vmTickets[job.uuid] = tickets.filter((id) => id !== job.id);
    if (held && tickets.length > 1) answer(ctx, tickets[1], 'ticket');
    if (tickets.length === 1) delete state.vmTickets[job.uuid];
  }
  const row = vmOf(state.inventory, job.uuid);
  if (row !== undefined && (error !== '' ? job.kind === 'provision' : job.kind === 'destroy')) {
    row.state = error === '' ? 'destroyed' : 'failed';
    for (const { network, ip } of row.addresses.splice(0)) releaseAddress(state.inventory.pools[network], ip);
  }
  delete state.jobs[job.id];
}
