/** Where the broker is and as whom it is entered, as said by flags and environment; no secret is in a command line. */
import { readFileSync } from 'node:fs';
import { type Command, Option } from 'commander';
import { natsOptions, type NatsOptions } from '@orrery/bus/nats';

export interface NatsFlags {
  nats: string;
  natsUser?: string;
  natsPassword?: string;
  natsPasswordFile?: string;
  natsNkeyFile?: string;
  natsCredsFile?: string;
  natsCa?: string;
}

const variables: Readonly<Record<keyof NatsFlags, string>> = {
  nats: 'ORRERY_NATS_URL',
  natsUser: 'ORRERY_NATS_USER',
  natsPassword: 'ORRERY_NATS_PASSWORD',
  natsPasswordFile: 'ORRERY_NATS_PASSWORD_FILE',
  natsNkeyFile: 'ORRERY_NATS_NKEY_FILE',
  natsCredsFile: 'ORRERY_NATS_CREDS_FILE',
  natsCa: 'ORRERY_NATS_CA',
};

/** All but `--nats` itself, which does not mean the same to every command. */
export function addNatsOptions(command: Command): Command {
  const add = (flags: string, about: string, name: keyof NatsFlags): void => {
    command.addOption(new Option(flags, about).env(variables[name]));
  };
  add('--nats-user <name>', 'who we are to the broker', 'natsUser');
  add('--nats-password-file <file>', 'file with the password of --nats-user', 'natsPasswordFile');
  add('--nats-password <text>', 'the same; others on this machine can read a command line', 'natsPassword');
  add('--nats-nkey-file <file>', 'file with the seed of an nkey', 'natsNkeyFile');
  add('--nats-creds-file <file>', 'credentials file: a JWT and its seed', 'natsCredsFile');
  add('--nats-ca <file>', 'root certificate of a broker with TLS', 'natsCa');
  return command;
}

/** @throws RangeError that names the flag, what was found and what is expected */
export function readNatsFlags(flags: NatsFlags): NatsOptions {
  const { nats, natsUser, natsPassword, natsPasswordFile, natsNkeyFile, natsCredsFile, natsCa } = flags;
  const ways: readonly [string, unknown][] = [
    ['--nats-user', natsUser],
    ['--nats-nkey-file', natsNkeyFile],
    ['--nats-creds-file', natsCredsFile],
  ];
  const given = ways.filter(([, value]) => value !== undefined).map(([flag]) => flag);
  if (given.length > 1) throw new RangeError(`${given.join(' and ')}: expected one of them`);
  textOf('--nats-ca', natsCa);
  const access = {
    url: nats,
    user: natsUser,
    password: natsPassword ?? textOf('--nats-password-file', natsPasswordFile)?.trimEnd(),
    nkeySeed: textOf('--nats-nkey-file', natsNkeyFile),
    creds: textOf('--nats-creds-file', natsCredsFile),
    tlsCaFile: natsCa,
  };
  try {
    return natsOptions(access);
  } catch (error) {
    throw new RangeError(`--nats: ${(error as Error).message}`);
  }
}

/** The same for a process that is started, as environment: what others cannot read. */
export function natsEnvironment(flags: NatsFlags): Record<string, string> {
  const set: Record<string, string> = {};
  for (const name of Object.keys(variables) as (keyof NatsFlags)[]) {
    const value = flags[name];
    if (value !== undefined) set[variables[name]] = value;
  }
  return set;
}

function textOf(flag: string, file: string | undefined): string | undefined {
  if (file === undefined) return undefined;
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new RangeError(
      `${flag}: expected a file that can be read, found "${file}": ${(error as Error).message}`,
    );
  }
}
