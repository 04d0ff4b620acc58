/** Datacenter, workload and scenario files: schema, validation, expansion. */
export type {
  BootWork,
  Brand,
  Datacenter,
  Dimm,
  Disk,
  Image,
  Limits,
  Network,
  Nic,
  Node,
  NodeTimings,
  Package,
  Pool,
  Psu,
  Rack,
  SpreadNs,
  Switch,
  Uplink,
  Vdev,
  VdevKind,
  Vm,
  VmDisk,
  VmNic,
} from './model.ts';
export type {
  Distribution,
  Pattern,
  Program,
  Step,
  Workload,
  WorkloadLoop,
  WorkloadSource,
} from './workload-model.ts';
export type {
  Bound,
  CaseCheck,
  Catalogue,
  CatalogueParam,
  Check,
  Command,
  ConservationCheck,
  ErrorsCheck,
  FactCheck,
  FaultCatalogueEntry,
  FaultRow,
  InjectCommand,
  LatencyCheck,
  NodeCheck,
  NodeState,
  Param,
  ParamUnit,
  Phase,
  PoolCheck,
  PoolState,
  PrintOptions,
  RepairCatalogueEntry,
  RepairRow,
  ToldCatalogue,
  RepairCommand,
  RevertCommand,
  Scenario,
  TableName,
  TargetKind,
  TimelineEntry,
  VmAction,
  VmSet,
} from './scenario-model.ts';
export { jsonSchemas, type JsonSchema } from './json-schema.ts';
export { loadDatacenter, loadScenario, type Loaded, type LoadOptions } from './load.ts';
export { isGlob, matchesGlob, nearest, suggest } from './near.ts';
export { fillParams, formatParam, type Given, type ParamsResult } from './params.ts';
export { vmOfPayload, type PayloadResult } from './payload.ts';
export { capacityBytes } from './pools.ts';
export { formatPath, formatProblem, type Path, type Problem } from './problem.ts';
export { applySets } from './sets.ts';
export { fileBytesMax, type FileSource, type Source } from './source.ts';
export { starterFiles, type StarterFile } from './starter.ts';
export { resolveTarget, type TargetResult } from './targets.ts';
export { formatBytes, formatNs, formatTime } from './text.ts';
export {
  formatDuration,
  formatRate,
  parseDuration,
  parseFrequency,
  parseRate,
  parseShare,
  parseSize,
  parseThroughput,
} from './units.ts';
export { macOf, uuidOf } from './hash.ts';
