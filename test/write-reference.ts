/** `npm run reference`: writes docs/reference. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { referenceFiles } from './reference.ts';

mkdirSync('docs/reference', { recursive: true });
for (const [path, text] of referenceFiles()) writeFileSync(path, text);
