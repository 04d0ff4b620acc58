/**
 * What a disk of each kind does when the file does not say. A 7,200 rpm disk's 8 KiB random read then takes 8.5 ms of
 * seek and half a turn of 4.2 ms, which is the 79 reads a second that such disks give one at a time.
 */
import type { Disk } from './model.ts';
import type { DiskEntry } from './hardware-schema.ts';

type Figures = Omit<Disk, 'name' | 'kind' | 'serial' | 'sizeBytes'>;

const figuresOf: Readonly<Record<Disk['kind'], Figures>> = {
  hdd: {
    model: 'ORRERY-HDD-7K2',
    sectorBytes: 512,
    rpm: 7200,
    seekNsTrack: 1_000_000,
    seekNsAverage: 8_500_000,
    seekNsFull: 17_000_000,
    transferBytesPerSecondOuter: 200_000_000,
    transferBytesPerSecondInner: 100_000_000,
    channels: 1,
    readLatencyNs: 0,
    writeLatencyNs: 0,
    powerLossProtection: false,
  },
  ssd: {
    model: 'ORRERY-SSD-SATA',
    sectorBytes: 4096,
    rpm: 0,
    seekNsTrack: 0,
    seekNsAverage: 0,
    seekNsFull: 0,
    transferBytesPerSecondOuter: 500_000_000,
    transferBytesPerSecondInner: 500_000_000,
    channels: 8,
    readLatencyNs: 120_000,
    writeLatencyNs: 100_000,
    powerLossProtection: true,
  },
  nvme: {
    model: 'ORRERY-SSD-NVME',
    sectorBytes: 4096,
    rpm: 0,
    seekNsTrack: 0,
    seekNsAverage: 0,
    seekNsFull: 0,
    transferBytesPerSecondOuter: 2_500_000_000,
    transferBytesPerSecondInner: 2_500_000_000,
    channels: 32,
    readLatencyNs: 90_000,
    writeLatencyNs: 30_000,
    powerLossProtection: true,
  },
};

/** The disk without its serial number, which is each node's own. */
export function diskOf(name: string, entry: DiskEntry): Disk {
  const base = figuresOf[entry.kind];
  const outer = entry.transfer ?? base.transferBytesPerSecondOuter;
  const halved = entry.kind === 'hdd' ? Math.floor(outer / 2) : outer;
  return {
    name,
    kind: entry.kind,
    model: entry.model ?? base.model,
    serial: entry.serial ?? '',
    sizeBytes: entry.size,
    sectorBytes: entry.sector ?? base.sectorBytes,
    rpm: entry.rpm ?? base.rpm,
    seekNsTrack: entry.seek_track ?? base.seekNsTrack,
    seekNsAverage: entry.seek_average ?? base.seekNsAverage,
    seekNsFull: entry.seek_full ?? base.seekNsFull,
    transferBytesPerSecondOuter: outer,
    transferBytesPerSecondInner: entry.transfer_inner ?? halved,
    channels: entry.channels ?? base.channels,
    readLatencyNs: entry.read_latency ?? base.readLatencyNs,
    writeLatencyNs: entry.write_latency ?? base.writeLatencyNs,
    powerLossProtection: entry.power_loss_protection ?? base.powerLossProtection,
  };
}

/** `c0t4d0` and a count of 3: c0t4d0, c0t5d0, c0t6d0. Undefined when the target is no decimal number. */
export function numberedDisks(first: string, count: number): string[] | undefined {
  const parts = /^(c\d+t)(\d+)(d\d+)$/.exec(first);
  if (parts === null) return count === 1 ? [first] : undefined;
  const from = Number(parts[2]);
  return Array.from({ length: count }, (_, i) => `${parts[1]!}${from + i}${parts[3]!}`);
}

/** `c0t0d0..c0t4d0` to its five names; undefined when it is no range. */
export function diskRange(text: string): string[] | undefined {
  const parts = /^(c\d+t)(\d{1,4})(d\d+)\.\.(c\d+t)(\d{1,4})(d\d+)$/.exec(text);
  if (parts === null || parts[1] !== parts[4] || parts[3] !== parts[6]) return undefined;
  const count = Number(parts[5]) - Number(parts[2]) + 1;
  return count < 1 || count > 256 ? undefined : numberedDisks(text.split('..')[0]!, count);
}
