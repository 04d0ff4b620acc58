// Runs once before the others, as root: makes what is secret, where it is not there yet, and gives volumes to who writes on them.
//   /broker/password, /broker/users.conf   for nats and those who enter it
//   /control/token                         for whoever calls the control API
//   /host/context.json                     the same for `orrery` on the host, readable by the owner of that folder
import { randomBytes } from 'node:crypto';
import { chmodSync, chownSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';

const NODE = 1000;
const {
  ORRERY_NATS_USER = 'orrery',
  ORRERY_NATS_PASSWORD = '',
  ORRERY_TOKEN = '',
  ORRERY_ADDRESS,
} = process.env;

function keep(path, text, uid, gid) {
  if (!existsSync(path) || readFileSync(path, 'utf8') !== text) writeFileSync(path, text);
  chmodSync(path, 0o600);
  chownSync(path, uid, gid);
}

function secret(path, given, least) {
  const kept = existsSync(path) ? readFileSync(path, 'utf8').trim() : '';
  const text = given || kept || randomBytes(24).toString('base64url');
  if (text.length < least || !/^[\w!#%&*+,./:;<=>?@^|~-]+$/.test(text))
    throw new Error(
      `${path}: expected at least ${least} letters, digits and signs, without quotes or blanks`,
    );
  keep(path, `${text}\n`, NODE, NODE);
  return text;
}

for (const folder of process.argv.slice(2)) chownSync(folder, NODE, NODE);
const password = secret('/broker/password', ORRERY_NATS_PASSWORD, 8);
const quoted = (text) => JSON.stringify(text);
keep(
  '/broker/users.conf',
  `users: [{ user: ${quoted(ORRERY_NATS_USER)}, password: ${quoted(password)} }]\n`,
  NODE,
  NODE,
);
const token = secret('/control/token', ORRERY_TOKEN, 16);
const { uid, gid } = statSync('/host');
keep('/host/context.json', `${JSON.stringify({ address: ORRERY_ADDRESS, token }, undefined, 2)}\n`, uid, gid);
