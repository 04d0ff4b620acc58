/** The services of the datacenter, by the hundreds their message and fact numbers start with. */
export type ServiceName = 'outside' | 'compute-node' | 'storage' | 'net' | 'fma' | 'headnode' | 'tracer';

const byHundred: readonly ServiceName[] = [
  'outside',
  'compute-node',
  'storage',
  'net',
  'fma',
  'headnode',
  'tracer',
];

/** Service that owns a message or fact number. */
export function serviceOf(number: number): ServiceName {
  return byHundred[Math.floor(number / 100)] ?? 'outside';
}
