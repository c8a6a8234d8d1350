/** The part of Salesforce's Pub/Sub API (gRPC package `eventbus.v1`) that following changes needs. */
import type { MethodDefinition } from '@grpc/grpc-js';
import { fromJSON } from '@grpc/proto-loader';

export interface FetchRequest {
  topicName: string;
  /** 0 = from now on, 1 = everything kept, 2 = after `replayId`. Only the first request of a stream is asked this. */
  replayPreset: 0 | 1 | 2;
  replayId?: Uint8Array;
  /** How many more events may be sent. */
  numRequested: number;
}

export interface ConsumerEvent {
  event: { id: string; schemaId: string; payload: Uint8Array } | null;
  replayId: Uint8Array;
}

/** Without events it is a sign of life with the newest place, sent within 270 s. */
export interface FetchResponse {
  events: readonly ConsumerEvent[];
  latestReplayId: Uint8Array;
  /** Of the events asked for, those still to come. */
  pendingNumRequested: number;
}

export interface TopicInfo {
  canSubscribe: boolean;
}

export interface SchemaInfo {
  schemaJson: string;
}

type Descriptor = Parameters<typeof fromJSON>[0];

const field = (type: string, id: number) => ({ type, id });
const list = (type: string, id: number) => ({ rule: 'repeated', type, id });

/** Names are ours; numbers and types are those of the published contract. Fields we have no use for are left out. */
const MESSAGES = {
  FetchRequest: {
    fields: {
      topicName: field('string', 1),
      replayPreset: field('int32', 2),
      replayId: field('bytes', 3),
      numRequested: field('int32', 4),
    },
  },
  ProducerEvent: {
    fields: { id: field('string', 1), schemaId: field('string', 2), payload: field('bytes', 3) },
  },
  ConsumerEvent: { fields: { event: field('ProducerEvent', 1), replayId: field('bytes', 2) } },
  FetchResponse: {
    fields: {
      events: list('ConsumerEvent', 1),
      latestReplayId: field('bytes', 2),
      pendingNumRequested: field('int32', 4),
    },
  },
  TopicRequest: { fields: { topicName: field('string', 1) } },
  TopicInfo: { fields: { canSubscribe: field('bool', 4) } },
  SchemaRequest: { fields: { schemaId: field('string', 1) } },
  SchemaInfo: { fields: { schemaJson: field('string', 1) } },
};

const method = (requestType: string, responseType: string, streams: boolean) => ({
  ...{ requestType, responseType, requestStream: streams, responseStream: streams, comment: '' },
});

const PUB_SUB = {
  methods: {
    Subscribe: method('FetchRequest', 'FetchResponse', true),
    GetSchema: method('SchemaRequest', 'SchemaInfo', false),
    GetTopic: method('TopicRequest', 'TopicInfo', false),
  },
};

const CONTRACT: Descriptor = {
  nested: { eventbus: { nested: { v1: { nested: { ...MESSAGES, PubSub: PUB_SUB } } } } },
};

const service = fromJSON(CONTRACT, { defaults: true })['eventbus.v1.PubSub'] as unknown as {
  readonly Subscribe: MethodDefinition<FetchRequest, FetchResponse>;
  readonly GetSchema: MethodDefinition<{ schemaId: string }, SchemaInfo>;
  readonly GetTopic: MethodDefinition<{ topicName: string }, TopicInfo>;
};

export const { Subscribe, GetSchema, GetTopic } = service;
