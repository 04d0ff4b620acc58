// What a container runs: `orrery …` or `orrery-service NAME …`; arguments that begin with neither are given to `orrery`.
import { promises as dns } from 'node:dns';
import { networkInterfaces } from 'node:os';

const programs = {
  orrery: '../../apps/cli/bin/orrery.js',
  'orrery-service': '../../apps/simulator/bin/orrery-service.js',
};

/**
 * The number of this container among those of its service, as compose names them (`orrery-storage-2`), asked of the network's own
 * name server: unlike the host name, it is the same for the container that takes this one's place.
 */
async function numberInService() {
  const own = Object.values(networkInterfaces())
    .flat()
    .find((each) => each?.family === 'IPv4' && !each.internal);
  if (own === undefined) return undefined;
  const question = `${own.address.split('.').reverse().join('.')}.in-addr.arpa`;
  const names = await dns.resolvePtr(question).catch(() => []);
  return names.map((name) => /-(\d+)(?:\.|$)/.exec(name)?.[1]).find((number) => number !== undefined);
}

const [first = '', ...rest] = process.argv.slice(2);
const named = Object.hasOwn(programs, first);
const program = named ? first : 'orrery';
const args = named ? rest : process.argv.slice(2);
const scaled = ['compute-node', 'storage', 'fma'].find((service) => service === args[0]);
if (program === 'orrery-service' && scaled !== undefined && (process.env.ORRERY_REPLICA ?? '') === '') {
  const number = await numberInService();
  if (number !== undefined) process.env.ORRERY_REPLICA = `${scaled}-${number}`;
}
const file = new URL(programs[program], import.meta.url);
process.argv = [process.execPath, file.pathname, ...args];
await import(file.href);
