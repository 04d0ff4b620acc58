import { describeBus } from './bus.case.ts';
import { localBus } from './local.ts';

describeBus('the local bus', () => Promise.resolve({ bus: localBus(), close: () => Promise.resolve() }));
