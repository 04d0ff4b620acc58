/**
 * What `vmadm create` takes: each property with its type and range, the brands that have it, and whether the simulation
 * makes use of it. From the vmadm manual and proptable (reference, section 1.6); a few properties that the manual lists
 * for some brands only are in real payloads of the others, and taken there too.
 */

export type PropertyType =
  | 'boolean'
  | 'integer'
  | 'string'
  | 'uuid'
  | 'ipv4'
  | 'mac'
  | 'object'
  | 'strings'
  | 'ips'
  | 'array'
  | 'nics'
  | 'disks'
  | 'filesystems'
  | 'compression'
  | 'blocksize'
  | 'password';

export type BrandSet = 'any' | 'os' | 'hvm' | 'kvm' | 'bhyve';

export interface Property {
  readonly type: PropertyType;
  readonly brands: BrandSet;
  /** Whether it changes anything in a simulated datacenter. */
  readonly effect: boolean;
  /** Annotations (names, tags, metadata) are not worth a warning. */
  readonly note?: boolean;
  readonly least?: number;
  readonly most?: number;
  readonly words?: readonly string[];
}

type Table = Readonly<Record<string, Property>>;

const used = (type: PropertyType, brands: BrandSet = 'any', least?: number, most?: number): Property => ({
  type,
  brands,
  effect: true,
  ...(least === undefined ? {} : { least }),
  ...(most === undefined ? {} : { most }),
});

const idle = (type: PropertyType, brands: BrandSet = 'any', least?: number, most?: number): Property => ({
  ...used(type, brands, least, most),
  effect: false,
});

const note = (type: PropertyType): Property => ({ type, brands: 'any', effect: false, note: true });

const words = (property: Property, ...allowed: string[]): Property => ({ ...property, words: allowed });

export const vmProperties: Table = {
  alias: used('string'),
  archive_on_delete: idle('boolean'),
  autoboot: used('boolean'),
  billing_id: note('uuid'),
  bhyve_extra_opts: idle('string', 'bhyve'),
  boot: idle('string', 'kvm'),
  bootrom: idle('string', 'bhyve'),
  brand: words(used('string'), 'joyent', 'joyent-minimal', 'builder', 'lx', 'kvm', 'bhyve'),
  com1: idle('string', 'bhyve'),
  com2: idle('string', 'bhyve'),
  cpu_cap: used('integer', 'any', 0),
  cpu_shares: used('integer', 'any', 0),
  cpu_type: words(idle('string', 'kvm'), 'qemu64', 'host'),
  customer_metadata: note('object'),
  dataset_uuid: used('uuid'),
  delegate_dataset: used('boolean', 'os'),
  disk_driver: words(idle('string', 'hvm'), 'virtio', 'ide', 'scsi', 'ahci', 'nvme'),
  disks: used('disks', 'hvm'),
  dns_domain: idle('string'),
  do_not_inventory: idle('boolean'),
  docker: idle('boolean', 'os'),
  filesystems: idle('filesystems', 'os'),
  firewall_enabled: idle('boolean'),
  flexible_disk_size: idle('integer', 'bhyve', 0),
  fs_allowed: idle('string', 'os'),
  hostname: used('string'),
  image_uuid: used('uuid'),
  indestructible_delegated: idle('boolean'),
  indestructible_zoneroot: idle('boolean'),
  init_name: idle('string', 'os'),
  internal_metadata: note('object'),
  internal_metadata_namespaces: idle('strings'),
  kernel_version: idle('string', 'os'),
  limit_priv: idle('string'),
  maintain_resolvers: idle('boolean', 'os'),
  max_locked_memory: idle('integer', 'any', 0),
  max_lwps: idle('integer', 'any', 0),
  max_msg_ids: idle('integer', 'any', 0),
  max_physical_memory: used('integer', 'any', 0),
  max_sem_ids: idle('integer', 'any', 0),
  max_shm_ids: idle('integer', 'any', 0),
  max_shm_memory: idle('integer', 'any', 0),
  max_swap: used('integer', 'any', 256),
  mdata_exec_timeout: idle('integer', 'os', 0),
  nic_driver: words(idle('string', 'hvm'), 'virtio', 'e1000', 'rtl8139'),
  nics: used('nics'),
  nowait: idle('boolean', 'os'),
  owner_uuid: used('uuid'),
  package_name: used('string'),
  package_version: note('string'),
  pci_devices: idle('array', 'bhyve'),
  qemu_extra_opts: idle('string', 'kvm'),
  qemu_opts: idle('string', 'kvm'),
  quota: used('integer', 'any', 0),
  ram: used('integer', 'any', 0),
  resolvers: idle('ips'),
  restart_init: idle('boolean', 'os'),
  routes: idle('object', 'os'),
  spice_opts: idle('string', 'kvm'),
  spice_password: idle('password', 'kvm'),
  spice_port: idle('integer', 'kvm', -1, 65_535),
  tags: note('object'),
  tmpfs: idle('integer', 'os', 0),
  uuid: used('uuid'),
  vcpus: used('integer', 'hvm', 1),
  vga: words(idle('string', 'kvm'), 'cirrus', 'std', 'vmware', 'qxl', 'xenfb'),
  virtio_txburst: idle('integer', 'kvm', 0),
  virtio_txtimer: idle('integer', 'kvm', 0),
  vnc_password: idle('password', 'hvm'),
  vnc_port: idle('integer', 'hvm', -1, 65_535),
  zfs_data_compression: idle('compression', 'os'),
  zfs_data_recsize: used('blocksize', 'os'),
  zfs_filesystem_limit: idle('integer', 'os', 0),
  zfs_io_priority: used('integer', 'any', 0),
  zfs_root_compression: idle('compression', 'os'),
  zfs_root_recsize: used('blocksize', 'os'),
  zfs_snapshot_limit: idle('integer', 'os', 0),
  zlog_max_size: idle('integer', 'any', 0),
  zonename: idle('string', 'os'),
  zpool: used('string'),
};

/** Properties that vmadm reports and does not take at create. */
export const readOnlyProperties: readonly string[] = [
  'boot_timestamp',
  'create_timestamp',
  'datasets',
  'exit_status',
  'exit_timestamp',
  'failed',
  'free_space',
  'hvm',
  'init_restarts',
  'pid',
  'provisioning',
  'server_uuid',
  'snapshots',
  'state',
  'transition_expire',
  'transition_to',
  'type',
  'v',
  'zlog_mode',
  'zone_state',
  'zonedid',
  'zoneid',
  'zonepath',
];

export const nicProperties: Table = {
  allow_dhcp_spoofing: idle('boolean'),
  allow_ip_spoofing: idle('boolean'),
  allow_mac_spoofing: idle('boolean'),
  allow_restricted_traffic: idle('boolean'),
  allow_unfiltered_promisc: idle('boolean', 'hvm'),
  allowed_dhcp_cids: idle('strings'),
  allowed_ips: idle('ips'),
  blocked_outgoing_ports: idle('array'),
  dhcp_server: idle('boolean'),
  gateway: used('ipv4'),
  gateways: used('ips'),
  interface: used('string', 'os'),
  ip: used('string'),
  ips: used('ips'),
  mac: used('mac'),
  model: words(idle('string', 'hvm'), 'virtio', 'e1000', 'rtl8139'),
  mtu: used('integer', 'any', 576, 9000),
  netmask: used('ipv4'),
  network_uuid: used('uuid'),
  nic_tag: used('string'),
  primary: used('boolean'),
  vlan_id: used('integer', 'any', 0, 4095),
  vrrp_primary_ip: idle('ipv4', 'os'),
  vrrp_vrid: idle('integer', 'os', 0, 255),
};

export const diskProperties: Table = {
  block_size: used('blocksize', 'hvm'),
  boot: used('boolean', 'hvm'),
  compression: idle('compression', 'hvm'),
  guest_block_size: idle('string', 'bhyve'),
  image_name: idle('string', 'hvm'),
  image_size: used('integer', 'hvm', 0),
  image_uuid: used('uuid', 'hvm'),
  media: words(idle('string', 'hvm'), 'disk', 'cdrom'),
  model: words(idle('string', 'hvm'), 'virtio', 'ide', 'scsi', 'ahci', 'nvme'),
  nocreate: idle('boolean', 'hvm'),
  notrim: idle('boolean', 'bhyve'),
  pci_slot: idle('string', 'bhyve'),
  refreservation: used('integer', 'hvm', 0),
  size: used('integer', 'hvm', 0),
  uuid: idle('uuid', 'bhyve'),
  zpool: used('string', 'hvm'),
};

export const filesystemProperties: Table = {
  options: idle('strings', 'os'),
  raw: idle('string', 'os'),
  source: idle('string', 'os'),
  target: idle('string', 'os'),
  type: idle('string', 'os'),
};

/** Whether a brand has the properties of a set. */
export function hasBrand(set: BrandSet, brand: string): boolean {
  if (set === 'any' || set === brand) return true;
  const hvm = brand === 'kvm' || brand === 'bhyve';
  if (set === 'hvm') return hvm;
  return set === 'os' && !hvm;
}
