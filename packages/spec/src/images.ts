/** Images and packages. */
import { uuidOf } from './hash.ts';
import { givenLimits, limitsOf, type GivenLimits } from './limits.ts';
import type { BootWork, Image, Package } from './model.ts';
import { byCodeUnit } from './near.ts';
import type { Section } from './shape.ts';
import type { ImageEntry, PackageEntry } from './vm-schema.ts';

const mebibyte = 1_048_576;

/** Work of a boot that takes an idle node 5–15 s for a zone and 20–60 s for a guest. */
const bootWorkOf: Readonly<Record<Image['type'], BootWork>> = {
  'zone-dataset': { cpuNs: 2_500_000_000, readBytes: 48 * mebibyte, readSizeBytes: 32_768 },
  'lx-dataset': { cpuNs: 2_000_000_000, readBytes: 64 * mebibyte, readSizeBytes: 32_768 },
  zvol: { cpuNs: 8_000_000_000, readBytes: 192 * mebibyte, readSizeBytes: 65_536 },
};

const osOf: Readonly<Record<Image['type'], Image['os']>> = {
  'zone-dataset': 'smartos',
  'lx-dataset': 'linux',
  zvol: 'linux',
};

/** What a file without images has. */
const standard: Readonly<Record<string, ImageEntry>> = {
  'base-64': { size: 400 * mebibyte, type: 'zone-dataset', version: '23.4.0' },
  'debian-12-lx': { size: 600 * mebibyte, type: 'lx-dataset', version: '20240612' },
  'debian-12-hvm': { size: 2048 * mebibyte, type: 'zvol', version: '20240612' },
};

export function expandImages(datacenter: string, written: Section<ImageEntry>): Image[] {
  const items =
    written.items.length === 0 && !written.broken
      ? Object.entries(standard).map(([name, value]) => ({ name, value }))
      : written.items;
  return items
    .map(({ name, value }) => expandImage(datacenter, name, value))
    .sort((a, b) => byCodeUnit(a.name, b.name));
}

function expandImage(datacenter: string, name: string, entry: ImageEntry): Image {
  const type = entry.type ?? 'zone-dataset';
  const work = bootWorkOf[type];
  return {
    name,
    uuid: entry.uuid ?? uuidOf(`${datacenter}/image/${name}`),
    version: entry.version ?? '1.0.0',
    os: entry.os ?? osOf[type],
    type,
    fileBytes: entry.file_size ?? Math.floor(entry.size / 3),
    sizeBytes: entry.size,
    bootWork: {
      cpuNs: entry.boot_work?.cpu ?? work.cpuNs,
      readBytes: entry.boot_work?.read ?? work.readBytes,
      readSizeBytes: entry.boot_work?.read_size ?? work.readSizeBytes,
    },
  };
}

/** A package and what of it the file gives: only that overrides vmadm's defaults. */
export interface PackageOffer {
  readonly package: Package;
  readonly given: GivenLimits;
}

export function expandPackages(datacenter: string, written: Section<PackageEntry>): PackageOffer[] {
  return written.items
    .map(({ name, value }) => {
      const given = givenLimits(value);
      const uuid = value.uuid ?? uuidOf(`${datacenter}/package/${name}`);
      return {
        given,
        package: { name, uuid, version: value.version ?? '1.0.0', limits: limitsOf('joyent', given) },
      };
    })
    .sort((a, b) => byCodeUnit(a.package.name, b.package.name));
}
