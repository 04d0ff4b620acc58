/** Faults and repairs of cables and switches. A kind that takes NICs and uplinks has a row for each. */
import type { CatalogueParam, FaultCatalogueEntry, RepairCatalogueEntry } from '@orrery/spec';

const SHARE: CatalogueParam = { name: 'share', unit: 'share', default: '5%', allowed: [], least: 0, most: 1 };
const PERIOD: CatalogueParam = {
  name: 'period',
  unit: 'duration',
  default: '10s',
  allowed: [],
  least: 10_000_000,
};

export const faults: readonly FaultCatalogueEntry[] = [
  { kind: 'link.down', target: 'nic', params: [] },
  { kind: 'link.down', target: 'uplink', params: [] },
  { kind: 'link.flap', target: 'nic', params: [PERIOD] },
  { kind: 'link.flap', target: 'uplink', params: [PERIOD] },
  { kind: 'link.loss', target: 'nic', params: [SHARE] },
  { kind: 'link.loss', target: 'uplink', params: [SHARE] },
  { kind: 'switch.fail', target: 'switch', params: [] },
];

export const repairs: readonly RepairCatalogueEntry[] = [
  { kind: 'link.replace', targets: ['nic', 'uplink'], params: [] },
  { kind: 'switch.replace', targets: ['switch'], params: [] },
];

/** Settings that a datacenter may change. */
export const tunables: readonly string[] = ['net_border_latency_ns', 'net_nic_latency_ns'];
