/** Folds facts into the view, one at a time, in the run's order. */
import {
  factNumbers,
  messageNumbers,
  type CommandRecord,
  type FactKind,
  type FactRecord,
  type Facts,
  type Messages,
} from '@orrery/proto';
import { decodeFact, decodeMessage } from '@orrery/proto/codec';
import { foldsOfMachines } from './fold-machines.ts';
import { foldsOfTrouble } from './fold-trouble.ts';
import { newVm, type DatacenterView } from './state.ts';

/** What one kind of fact changes. @param address of the actor that reported it @param time ns */
export type Folds = {
  readonly [K in FactKind]?: (view: DatacenterView, payload: Facts[K], address: string, time: number) => void;
};

type AnyFold = (view: DatacenterView, payload: object, address: string, time: number) => void;

const made: Folds = {
  actorMade: (view, { actor, address }) => view.addresses.set(actor, address),
};

const folds = new Map<number, AnyFold>(
  Object.entries({ ...made, ...foldsOfMachines, ...foldsOfTrouble }).map(([kind, fold]) => [
    factNumbers[kind as FactKind],
    fold as AnyFold,
  ]),
);

export function foldFact(view: DatacenterView, fact: FactRecord): void {
  view.facts++;
  const fold = folds.get(fact.kind);
  if (fold === undefined) return;
  const address = view.addresses.get(fact.actor) ?? '';
  fold(view, decodeFact(fact.kind, fact.payload), address, fact.time);
}

/** What a command says of a VM that no fact has told of yet: the names it will have. */
export function foldCommand(view: DatacenterView, { kind, payload, time }: CommandRecord): void {
  if (kind !== messageNumbers.vmCommand) return;
  const { action, uuid, payloadJson } = decodeMessage(kind, payload) as Messages['vmCommand'];
  if (action !== 'create' || uuid === '' || view.vms.has(uuid)) return;
  const { alias = '', brand = 'joyent' } = JSON.parse(payloadJson) as { alias?: string; brand?: string };
  view.vms.set(uuid, { ...newVm(uuid), alias, brand, since: time });
}
