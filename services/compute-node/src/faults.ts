/** The catalogue of faults and repairs that a compute node's own parts know, and the symptom of each. */
import { MINUTE, SECOND } from '@orrery/kernel';
import type { FaultRow, RepairRow } from '@orrery/spec';
import { tunables } from './os/index.ts';

export const faults: readonly FaultRow[] = [
  {
    kind: 'cpu.cache-errors',
    target: 'cpu',
    effect: 'a CPU corrects errors of its level 2 cache',
    params: [{ name: 'rate', unit: 'rate', default: '4/min', allowed: [], least: 0.000_001, most: 1000 }],
    symptom:
      'ereport.cpu.intel.l2cache at the rate; on the 4th within 72 h a case, and the CPU is taken off line: the node has one hardware thread less',
    showsWithinNs: 5 * MINUTE,
    revert: 'no more errors; the CPU stays off line until cpu.replace, or a repair and a boot',
  },
  {
    kind: 'memory.correctable',
    target: 'dimm',
    effect: 'a few weak pages of a DIMM flip bits that ECC corrects',
    params: [
      { name: 'rate', unit: 'rate', default: '6/min', allowed: [], least: 0.000_001, most: 10_000 },
      { name: 'pages', unit: 'number', default: '4', allowed: [], least: 1, most: 100_000 },
    ],
    symptom:
      'ereport.cpu.intel.nb.mem_ce at the rate; no slowdown; a page is retired quietly on its 3rd error within 72 h; a DIMM case only when thousands of its pages are gone; errors end with the last weak page',
    showsWithinNs: 2 * MINUTE,
    revert: 'no more errors; retired pages stay unused until the next boot',
  },
  {
    kind: 'memory.uncorrectable',
    target: 'dimm',
    effect: 'a page of a DIMM has an error that ECC cannot correct',
    params: [],
    symptom:
      'ereport.cpu.intel.nb.mem_ue, then at once panic "uncorrectable memory error", dump, POST, boot; only then fmd reads the ereport and names the DIMM; the VMs are down meanwhile and the head node shows the server unknown after 6 to 16 s; strikes once',
    showsWithinNs: SECOND,
    revert: 'nothing where it has struck',
  },
  {
    kind: 'node.hang',
    target: 'node',
    effect: 'the kernel stops moving',
    params: [],
    symptom:
      'the node is silent: no heartbeats, no fmd, calls time out; the head node shows the server unknown after 6 to 16 s; it stays so until NMI (panic and dump), reset or power',
    showsWithinNs: 16 * SECOND,
    revert: 'nothing: a hung node stays hung',
  },
  {
    kind: 'node.power',
    target: 'node',
    effect: 'a node loses power',
    params: [],
    symptom:
      'off at once, without a word; I/O in flight is torn, unsynced writes are gone; calls time out; the head node shows the server unknown after 6 to 16 s',
    showsWithinNs: 16 * SECOND,
    revert: 'power returns; the chassis powers on again unless it was switched off',
  },
  {
    kind: 'psu.fail',
    target: 'psu',
    effect: 'a power supply dies',
    params: [],
    symptom:
      'nothing for the load while another supply works; ereport.sensor.failure and a case after 1 to 2 minutes; with the last supply the node is off at once',
    showsWithinNs: 2 * MINUTE + SECOND,
    revert: 'the supply works; the case stays open until psu.replace or fmadm.repaired',
  },
];

const onNode = { targets: ['node'], params: [] } as const;

export const repairs: readonly RepairRow[] = [
  { kind: 'cpu.replace', targets: ['cpu'], params: [], effect: 'another CPU, on line' },
  {
    kind: 'dimm.replace',
    targets: ['dimm'],
    params: [],
    effect: 'another DIMM, without faults or retired pages',
  },
  {
    kind: 'node.nmi',
    ...onNode,
    effect: 'a non-maskable interrupt: a running or hung kernel panics and dumps',
  },
  { kind: 'node.power-off', ...onNode, effect: 'power off, at once' },
  { kind: 'node.power-on', ...onNode, effect: 'power on, and back where it was cut' },
  { kind: 'node.reset', ...onNode, effect: 'a hard reset: POST and boot, nothing is dumped' },
  { kind: 'psu.replace', targets: ['psu'], params: [], effect: 'another power supply' },
  {
    kind: 'tunable.set',
    targets: ['node'],
    params: [
      { name: 'name', unit: 'text', default: '', allowed: tunables },
      { name: 'value', unit: 'number', default: '', allowed: [], least: 0, most: 1 },
    ],
    effect: 'a variable of the running kernel is written, as mdb -kw does; it lasts until the next boot',
  },
];
