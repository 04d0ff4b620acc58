/** Writes the story of disk-dies into the README: `npm run scenarios`. */
import { writeFileSync } from 'node:fs';
import { readmePath, readmeWithStory } from './readme-story.ts';

writeFileSync(readmePath, readmeWithStory());
