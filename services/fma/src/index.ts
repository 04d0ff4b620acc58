/** fma: a fault manager for each node; ereports in, cases and orders to retire out. */
import type { Service } from '@orrery/actor';
import { fmdKind } from './actor.ts';
import { caseKind } from './case-actor.ts';

export const service: Service = { name: 'fma', loose: true, kinds: [fmdKind, caseKind] };

export { place } from './place.ts';
export { faults, repairs } from './catalogue.ts';
export { messageId, messageIdTable, type MessageId, type Severity } from './model/message-ids.ts';
export { messageText, type MessageText } from './model/message-texts.ts';
export { renderConsole } from './render/console.ts';
export { renderFaulty, renderFaultyResources } from './render/faulty.ts';
export { FMDUMP_E_HEADER, FMDUMP_HEADER, renderEreport, renderFmdump } from './render/fmdump.ts';
export type { FaultRecord } from './render/record.ts';
