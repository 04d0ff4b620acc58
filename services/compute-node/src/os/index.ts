/** The data plane of a node and of the clients outside. */
export { osKind } from './actor.ts';
export { clientKind } from '../client/actor.ts';
export { placeDataPlane, tunables } from './place.ts';
