/** Names of replicas: letters, digits, `-` and `_`. */
import { scalable } from '../parts/shards.ts';

const LENGTH_MAX = 63;

/** What a machine's name becomes in a replica's. */
export function defaultReplicaName(service: string, hostname: string): string {
  if (!scalable(service)) return service;
  const host = hostname.replace(/[^\w-]+/g, '-').replace(/^-+|-+$/g, '');
  return `${service}-${host === '' ? '0' : host}`.slice(0, LENGTH_MAX);
}

/** Why a name will not do; undefined: it will. */
export function replicaNameProblem(service: string, name: string): string | undefined {
  if (!scalable(service) && name !== service)
    return `${service} runs in one replica, which is named ${service}`;
  if (!/^[\w-]{1,63}$/.test(name)) return 'expected 1 to 63 letters, digits, - and _';
  return undefined;
}
