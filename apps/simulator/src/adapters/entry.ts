/** The program of a service's process: runs from source what was started from source. */
import { fileURLToPath } from 'node:url';

const isSource = import.meta.url.endsWith('.ts');

export const entry = fileURLToPath(new URL(isSource ? '../main.ts' : '../main.js', import.meta.url));

export const execArgv: readonly string[] = isSource ? ['--conditions=orrery-source', '--import', 'tsx'] : [];
