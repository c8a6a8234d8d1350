/** One gRPC connection to the Pub/Sub API, typed. Every call carries its own credentials. */
import { Client, type ClientDuplexStream, credentials, Metadata } from '@grpc/grpc-js';
import type { Token } from '../session.ts';
import {
  type FetchRequest,
  type FetchResponse,
  GetSchema,
  GetTopic,
  type SchemaInfo,
  Subscribe,
  type TopicInfo,
} from './contract.ts';

export interface PubSubClient {
  subscribe(credentials: Metadata): ClientDuplexStream<FetchRequest, FetchResponse>;
  topic(topicName: string, credentials: Metadata): Promise<TopicInfo>;
  schema(schemaId: string, credentials: Metadata): Promise<SchemaInfo>;
  close(): void;
}

/** A hundred events of up to one megabyte never come in one message; this leaves room and still bounds it. */
const LARGEST_MESSAGE = 16 * 1024 * 1024;

/** Makes no connection before the first call. `endpoint` is an origin; plain http only ever leads to this machine. */
export function createPubSubClient(endpoint: string, deadlineMs: number): PubSubClient {
  const { protocol, host, port } = new URL(endpoint);
  const isPlain = protocol === 'http:';
  const address = port === '' ? `${host}:${isPlain ? 80 : 443}` : host;
  const client = new Client(address, isPlain ? credentials.createInsecure() : credentials.createSsl(), {
    'grpc.max_receive_message_length': LARGEST_MESSAGE,
    'grpc.initial_reconnect_backoff_ms': 250,
    'grpc.max_reconnect_backoff_ms': 10_000,
    // No proxy of the environment stands between this machine and itself.
    ...(isPlain ? { 'grpc.enable_http_proxy': 0 } : {}),
  });

  function ask<Request, Answer>(
    method: {
      path: string;
      requestSerialize(value: Request): Buffer;
      responseDeserialize(bytes: Buffer): Answer;
    },
    request: Request,
    metadata: Metadata,
  ): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const options = { deadline: Date.now() + deadlineMs };
      client.makeUnaryRequest(
        method.path,
        method.requestSerialize,
        method.responseDeserialize,
        request,
        metadata,
        options,
        (error, answer) => {
          if (error !== null) reject(error);
          else if (answer === undefined) reject(new Error('no answer'));
          else resolve(answer);
        },
      );
    });
  }

  return {
    subscribe: (metadata) =>
      client.makeBidiStreamRequest(
        Subscribe.path,
        Subscribe.requestSerialize,
        Subscribe.responseDeserialize,
        metadata,
      ),
    topic: (topicName, metadata) => ask(GetTopic, { topicName }, metadata),
    schema: (schemaId, metadata) => ask(GetSchema, { schemaId }, metadata),
    close: () => client.close(),
  };
}

/** What the Pub/Sub API wants to know of the caller, with every call. */
export function credentialsOf(token: Token, organizationId: string): Metadata {
  const metadata = new Metadata();
  metadata.set('accesstoken', token.accessToken);
  metadata.set('instanceurl', token.instanceUrl);
  metadata.set('tenantid', organizationId);
  return metadata;
}
