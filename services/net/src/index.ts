/** net: links, switches and the ways between endpoints; latency, loss and fair rates announced to those who watch. */
import type { Service } from '@orrery/actor';
import { linkKind } from './link-actor.ts';
import { netKind } from './net-actor.ts';
import { switchKind } from './switch-actor.ts';

export const service: Service = { name: 'net', loose: false, kinds: [netKind, linkKind, switchKind] };

export { place } from './place.ts';
export { faults, repairs, tunables } from './catalogue.ts';
