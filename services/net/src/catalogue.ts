/** Faults and repairs of cables and switches. A kind that takes NICs and uplinks has a row for each. */
import { MS } from '@orrery/kernel';
import type { CatalogueParam, FaultRow, RepairRow } from '@orrery/spec';

const SHARE: CatalogueParam = { name: 'share', unit: 'share', default: '5%', allowed: [], least: 0, most: 1 };
const PERIOD: CatalogueParam = {
  name: 'period',
  unit: 'duration',
  default: '10s',
  allowed: [],
  least: 10_000_000,
};

function onBoth(row: Omit<FaultRow, 'target'>): FaultRow[] {
  return [
    { ...row, target: 'nic' },
    { ...row, target: 'uplink' },
  ];
}

export const faults: readonly FaultRow[] = [
  ...onBoth({
    kind: 'link.down',
    params: [],
    effect: 'a cable is cut',
    symptom:
      'the link is down at both ends: dladm state and a line in syslog, no ereport, no case; calls over it time out, zones of one node talk on, VMs are still listed running; nodes with another NIC or switch go round it',
    showsWithinNs: MS,
    revert: 'the link is up again',
  }),
  ...onBoth({
    kind: 'link.flap',
    params: [PERIOD],
    effect: 'a link goes down and up again, half a period each',
    symptom: 'as link.down, over and over; a line in syslog for each change',
    showsWithinNs: MS,
    revert: 'the link stays up',
  }),
  ...onBoth({
    kind: 'link.loss',
    params: [SHARE],
    effect: 'a link loses packets',
    symptom: 'the link stays up; what crosses it is retransmitted and takes longer; no ereport, no case',
    showsWithinNs: MS,
    revert: 'no more packets are lost',
  }),
  {
    kind: 'switch.fail',
    target: 'switch',
    params: [],
    effect: 'a switch dies',
    symptom:
      'every cable in it is down at both ends, as link.down; nodes that hang on it alone are cut off and shown unknown by the head node after 6 to 16 s, their VMs still listed running',
    showsWithinNs: MS,
    revert: 'the switch forwards again; cables that were cut stay cut',
  },
];

export const repairs: readonly RepairRow[] = [
  { kind: 'link.replace', targets: ['nic', 'uplink'], params: [], effect: 'another cable, whole' },
  { kind: 'switch.replace', targets: ['switch'], params: [], effect: 'another switch, configured alike' },
];

/** Settings that a datacenter may change. */
export const tunables: readonly string[] = ['net_border_latency_ns', 'net_nic_latency_ns'];
