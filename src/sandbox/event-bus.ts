/** Events that a simulated CRM keeps for those who come for them, over gRPC. */
import type { GrpcCall } from './grpc/server.ts';

export interface EventBus {
  /** From now on changes are kept: without anybody who asked for it they would only cost memory. */
  open(): void;
  answer(call: GrpcCall): void;
  /** What `POST /_sandbox/events` asks for. @throws {Refusal} */
  command(given: unknown): void;
  /** What `GET /_sandbox/events` tells. */
  report(): Readonly<Record<string, unknown>>;
  /** Ends every stream. */
  close(): void;
}
