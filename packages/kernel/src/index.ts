export { draw, drawRemaining, type Distribution } from './distributions.ts';
export { hash64, keyedHash, mix } from './hash.ts';
export { exp, log, pow } from './math.ts';
export { makeStream, next32, uniform, uniformInt, type Stream } from './random.ts';
export { GIB, HOUR, KIB, MIB, MINUTE, MS, SECOND, US } from './units.ts';
export { ACTOR_SPAN, compareOrder, TIME_MAX, type OrderKey } from './order.ts';
export { EventQueue } from './queue.ts';
