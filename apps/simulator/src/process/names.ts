/** The services that a process can be. */
export const serviceNames = ['compute-node', 'storage', 'net', 'fma', 'headnode', 'tracer'] as const;

export type ProcessName = (typeof serviceNames)[number];
