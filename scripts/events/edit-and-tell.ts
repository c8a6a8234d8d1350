/** A person's edit of a deal, and the webhook that tells of it, signed here. */
import { createHmac } from 'node:crypto';
import type { SandboxCredentials } from '../../test/support/sandbox-process.ts';
import type { Poster } from './post.ts';

/** The field people edit, and where it arrives. */
export const EDITED = { hubspot: 'hs_next_step', salesforce: 'NextStep' } as const;

export interface Edit {
  readonly id: string;
  readonly value: string;
  readonly sentAt: number;
  /** How long the webhook took to be acknowledged. */
  readonly ackMs: number;
}

/** Edits deals of one HubSpot account and tells `address` of it. */
export async function openTeller(
  poster: Poster,
  { hubspot }: SandboxCredentials,
  address: string,
): Promise<(id: string, value: string) => Promise<Edit>> {
  const portal = await portalOf(hubspot);
  let events = 0;
  return async (id, value) => {
    await poster.control(hubspot.url, 'edit', {
      ...{ type: 'deal', id, actor: 'human:bench' },
      fields: { [EDITED.hubspot]: value },
    });
    const sentAt = Date.now();
    const url = `${address}/webhooks/hubspot`;
    const event = {
      ...{ eventId: ++events, subscriptionId: 1, portalId: portal, appId: 1, attemptNumber: 0 },
      ...{ occurredAt: sentAt, subscriptionType: 'deal.propertyChange', changeSource: 'CRM_UI' },
      ...{ objectId: Number(id), propertyName: EDITED.hubspot, propertyValue: value },
    };
    const body = JSON.stringify([event]);
    const signature = createHmac('sha256', hubspot.clientSecret)
      .update(`POST${url}${body}${sentAt}`)
      .digest('base64');
    const began = performance.now();
    const status = await poster.post(url, body, {
      'X-HubSpot-Signature-v3': signature,
      'X-HubSpot-Request-Timestamp': String(sentAt),
    });
    if (status !== 204) throw new Error(`a webhook was answered ${status}`);
    return { id, value, sentAt, ackMs: performance.now() - began };
  };
}

async function portalOf({ url, token }: SandboxCredentials['hubspot']): Promise<number> {
  const details = await fetch(`${url}/account-info/v3/details`, {
    headers: { authorization: `Bearer ${token}` },
  });
  return ((await details.json()) as { portalId: number }).portalId;
}
