/** Where services learn which run there is: a record in a bucket, and an object with its scenario. */
import { jetstreamManager } from '@nats-io/jetstream';
import { Kvm, type KV } from '@nats-io/kv';
import type { ObjectStore } from '@nats-io/obj';
import type { NatsConnection } from '@nats-io/transport-node';
import type { RunRecord } from '@orrery/proto';
import { decodeAs, encodeAs } from '@orrery/proto/codec';
import { BusError } from '../../errors.ts';
import { patiently, unlessMissing } from './patience.ts';
import { objectStores } from './object-stores.ts';

const RUNS = 'orrery';
const SCENARIOS = 'orrery-runs';
/** Key of the run that a deployed datacenter is. */
const DEPLOYED = 'run';

/** All but `remove` wait while the broker is away. */
export interface RunRegistry {
  /** undefined: there is none yet. @throws BusError on bytes that are no record */
  read(): Promise<RunRecord | undefined>;
  write(record: RunRecord): Promise<void>;
  /** The expanded scenario, as JSON text. undefined: it is not there */
  readScenario(id: string): Promise<string | undefined>;
  writeScenario(id: string, json: string): Promise<void>;
  /** Removes record and scenario without a trace, and what holds them when it is empty then. */
  remove(id: string): Promise<void>;
}

/** @param run the one run that is meant, or undefined for the one that is deployed */
export function runRegistry(nc: NatsConnection, run?: string): RunRegistry {
  const key = run === undefined ? DEPLOYED : `${DEPLOYED}.${run}`;
  const opened: { runs?: KV; scenarios?: ObjectStore } = {};
  /** Somebody may have removed what was opened: the next try makes it again. */
  const within = <T>(act: () => Promise<T>): Promise<T> =>
    patiently(nc, () =>
      act().catch((error: unknown) => {
        delete opened.runs;
        delete opened.scenarios;
        throw error;
      }),
    );
  const runs = async (): Promise<KV> => (opened.runs ??= await new Kvm(nc).create(RUNS, { history: 1 }));
  const scenarios = async (): Promise<ObjectStore> =>
    (opened.scenarios ??= await objectStores(nc).create(SCENARIOS));
  return {
    read: async () => {
      const entry = await within(async () => (await runs()).get(key));
      return entry === null || entry.length === 0 ? undefined : readRecord(entry.value);
    },
    write: async (record) => {
      await within(async () => (await runs()).put(key, encodeAs('RunRecord', record)));
    },
    readScenario: async (id) => {
      const bytes = await within(async () => (await scenarios()).getBlob(id));
      return bytes === null ? undefined : new TextDecoder().decode(bytes);
    },
    writeScenario: async (id, json) => {
      await within(async () => (await scenarios()).putBlob({ name: id }, new TextEncoder().encode(json)));
    },
    remove: async (id) => {
      const manager = await jetstreamManager(nc);
      const store = await scenarios();
      await runs();
      await unlessMissing(() => store.delete(id));
      await unlessMissing(() => manager.streams.purge(`KV_${RUNS}`, { filter: `$KV.${RUNS}.${key}` }));
      await unlessMissing(async () => {
        if ((await store.list()).length === 0) await manager.streams.delete(`OBJ_${SCENARIOS}`);
      });
      await unlessMissing(async () => {
        const { state } = await manager.streams.info(`KV_${RUNS}`);
        if (state.messages === 0) await manager.streams.delete(`KV_${RUNS}`);
      });
    },
  };
}

function readRecord(bytes: Uint8Array): RunRecord {
  try {
    return decodeAs('RunRecord', bytes) as RunRecord;
  } catch (error) {
    throw new BusError('ORRERY_BUS_MALFORMED', `the run's record: ${(error as Error).message}`);
  }
}
