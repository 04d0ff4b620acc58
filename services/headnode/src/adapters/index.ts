/** The control API over gRPC, and a client of it. */
export { connectControl, type ControlClient, type ControlClientOptions } from './client.ts';
export type { MethodName, RequestOf, ResponseOf } from './definition.ts';
export { checkListen, parseListen } from './listen.ts';
export { serveControl, type ControlServer, type ControlServerOptions } from './server.ts';
export type { UnaryName } from './unary.ts';
