/** HubSpot's webhooks as its documentation describes them (hubspot.md §6). */
import { createHash, createHmac } from 'node:crypto';
import type { TruthEntry } from '../simulator.ts';
import type { LinkChange, WebhookItem, WebhookSettings, WebhookVoice } from '../webhook-voice.ts';
import type { Access } from './access.ts';
import { OBJECT_TYPES } from './object-type.ts';
import type { Portal } from './portal.ts';

/** What an app that keeps deals in step subscribes to. */
const USUAL = [
  ...['creation', 'deletion', 'restore', 'merge', 'associationChange'].map((name) => `deal.${name}`),
  ...[
    'dealname',
    'dealstage',
    'pipeline',
    'amount',
    'deal_currency_code',
    'closedate',
    'hubspot_owner_id',
    'hs_next_step',
  ].map((name) => `deal.propertyChange:${name}`),
];

const HAPPENINGS: Readonly<Record<TruthEntry['action'], string>> = {
  create: 'creation',
  update: 'propertyChange',
  delete: 'deletion',
  restore: 'restore',
  merge: 'merge',
};

/** After the first attempt it is repeated ten times, over a day. */
const MOST_REPETITIONS = 10;

export function hubspotVoice(portal: Portal, access: Access): WebhookVoice {
  let lastEvent = 0;

  function event(
    type: string,
    happening: string,
    at: number,
    settings: WebhookSettings,
    more: WebhookItem,
  ): WebhookItem {
    const typeId = OBJECT_TYPES.find((one) => one.singular === type)?.id ?? '';
    const generic = settings.shape === 'generic';
    lastEvent += 1;
    return {
      eventId: lastEvent,
      subscriptionId: 1_000 + (hashOf(`${type}.${happening}${String(more['propertyName'] ?? '')}`) % 9_000),
      portalId: portal.portalId,
      appId: access.appId,
      occurredAt: at,
      subscriptionType: `${generic ? 'object' : type}.${happening}`,
      ...(generic ? { objectTypeId: typeId, isSensitive: false } : {}),
      ...more,
    };
  }

  /** Told once from each end. */
  function linkItems(
    { from, to, at, removed, primary }: LinkChange,
    settings: WebhookSettings,
  ): readonly WebhookItem[] {
    return [
      [from, to],
      [to, from],
    ].flatMap(([one, other]) => {
      if (one === undefined || other === undefined) return [];
      if (!isSubscribed(`${one.type}.associationChange`, settings)) return [];
      const more = {
        associationType: `${one.type}_to_${other.type}`.toUpperCase(),
        fromObjectId: Number(one.id),
        toObjectId: Number(other.id),
        associationRemoved: removed,
        isPrimaryAssociation: primary,
        changeSource: 'CRM_UI',
      };
      return [event(one.type, 'associationChange', at, settings, more)];
    });
  }

  const isSubscribed = (name: string, { subscriptions }: WebhookSettings): boolean =>
    (subscriptions ?? USUAL).includes(name);

  return {
    most: 100,
    concurrency: 10,
    timeoutMs: 5_000,
    isDue: () => true,
    isReceived: (status) => status >= 200 && status < 300,
    pause: (retry) => (retry > MOST_REPETITIONS ? null : 2 ** (retry - 1)),

    items(entry, settings) {
      const { type, action, at, id, fields } = entry;
      const happening = HAPPENINGS[action];
      const changeSource = sourceOf(entry.actor);
      const objectId = Number(id);
      if (action === 'update')
        return Object.entries(fields).flatMap(([propertyName, { after }]) =>
          isSubscribed(`${type}.propertyChange:${propertyName}`, settings)
            ? [
                event(type, happening, at, settings, {
                  objectId,
                  propertyName,
                  propertyValue: after ?? '',
                  changeSource,
                }),
              ]
            : [],
        );
      if (!isSubscribed(`${type}.${happening}`, settings)) return [];
      if (action !== 'merge')
        return [
          event(type, happening, at, settings, { objectId, changeFlag: action.toUpperCase(), changeSource }),
        ];
      // The two that were merged tell only where they went; the record that came of them tells of all.
      const merged = String(fields['hs_merged_object_ids']?.after ?? '');
      if (merged === '') return [];
      const ids = merged.split(';').map(Number);
      return [
        event(type, happening, at, settings, {
          objectId,
          primaryObjectId: ids[0],
          mergedObjectIds: ids.slice(1),
          newObjectId: objectId,
          numberOfPropertiesMoved: Object.keys(fields).length,
          changeSource,
        }),
      ];
    },

    heardBy(ear) {
      portal.linked = (change) => {
        const settings = ear.settings();
        if (settings.targetUrl !== null) ear.tell(linkItems(change, settings));
      };
    },

    compose(items, attemptNumber, { targetUrl, signatures, secret }) {
      const body = JSON.stringify(items.map((item) => ({ ...item, attemptNumber })));
      const key = secret ?? access.clientSecret;
      // The time of the attempt is real: whoever checks it has no other clock.
      const timestamp = String(Date.now());
      const plain = signatures.includes('v1') ? 'v1' : signatures.includes('v2') ? 'v2' : null;
      const text = plain === 'v1' ? `${key}${body}` : `${key}POST${targetUrl}${body}`;
      const signed = `POST${targetUrl}${body}${timestamp}`;
      return {
        body,
        headers: {
          'content-type': 'application/json',
          'user-agent': 'HubSpot Connect 2.0 (http://dev.hubspot.com/)',
          ...(plain === null
            ? {}
            : {
                'X-HubSpot-Signature': createHash('sha256').update(text).digest('hex'),
                'X-HubSpot-Signature-Version': plain,
              }),
          ...(signatures.includes('v3')
            ? {
                'X-HubSpot-Signature-v3': createHmac('sha256', key).update(signed).digest('base64'),
                'X-HubSpot-Request-Timestamp': timestamp,
              }
            : {}),
        },
      };
    },
  };
}

function sourceOf(actor: string): string {
  if (actor.startsWith('human:')) return 'CRM_UI';
  return actor.startsWith('automation:') ? 'AUTOMATION_PLATFORM' : 'INTEGRATION';
}

function hashOf(text: string): number {
  let hash = 7;
  for (let i = 0; i < text.length; i += 1) hash = (hash * 31 + text.charCodeAt(i)) >>> 0;
  return hash;
}
