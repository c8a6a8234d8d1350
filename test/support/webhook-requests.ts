/** Requests as the CRMs send them, made independently of the code that reads them. */
import { createHash, createHmac } from 'node:crypto';
import type { EventRequest } from '../../src/core/event-port.ts';

export const HUBSPOT_SECRET = 'a-client-secret-of-an-app';
export const ORGANIZATION = '00D000000000001EAA';

/** A signed HubSpot delivery. */
export function hubspotRequest(
  body: unknown,
  now: number,
  {
    secret = HUBSPOT_SECRET,
    url = 'https://oppsync.example.com/webhooks/hubspot',
    version = 'v3',
  }: { secret?: string; url?: string; version?: 'v1' | 'v2' | 'v3' } = {},
): EventRequest {
  const bytes = typeof body === 'string' ? Buffer.from(body) : Buffer.from(JSON.stringify(body));
  const sign = (): Record<string, string[]> => {
    if (version === 'v3') {
      const text = `POST${url}${bytes.toString()}${now}`;
      return {
        'x-hubspot-signature-v3': [createHmac('sha256', secret).update(text).digest('base64')],
        'x-hubspot-request-timestamp': [String(now)],
      };
    }
    const text = version === 'v1' ? `${secret}${bytes}` : `${secret}POST${url}${bytes}`;
    return {
      'x-hubspot-signature': [createHash('sha256').update(text).digest('hex')],
      'x-hubspot-signature-version': [version],
    };
  };
  return { method: 'POST', url, secret: null, headers: sign(), body: bytes };
}

/** A deal event in the classic shape. */
export function dealEvent(more: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    eventId: 1,
    subscriptionId: 12,
    portalId: 62515,
    appId: 54321,
    occurredAt: 1_790_000_000_000,
    subscriptionType: 'deal.propertyChange',
    attemptNumber: 0,
    objectId: 4711,
    propertyName: 'amount',
    propertyValue: '900',
    changeSource: 'CRM_UI',
    ...more,
  };
}

/** An Outbound Message. `notifications` are pairs of notification id and record id. */
export function outboundMessage(
  notifications: readonly (readonly [id: string, record: string])[],
  { organization = ORGANIZATION, object = 'Opportunity' } = {},
): string {
  const parts = notifications.map(
    ([id, record]) => `   <Notification>
    <Id>${id}</Id>
    <sObject xsi:type="sf:${object}" xmlns:sf="urn:sobject.enterprise.soap.sforce.com">
     <sf:Id>${record}</sf:Id>
     <sf:Amount>45000.0</sf:Amount>
     <sf:Name>Caf&#233; &amp; more</sf:Name>
    </sObject>
   </Notification>`,
  );
  return `<?xml version="1.0" encoding="UTF-8"?>
<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
 <soapenv:Body>
  <notifications xmlns="http://soap.sforce.com/2005/09/outbound">
   <OrganizationId>${organization}</OrganizationId>
   <ActionId>04k000000000001AAA</ActionId>
   <SessionId>00D!a.session.nobody.may.see</SessionId>
   <EnterpriseUrl>https://acme.my.salesforce.com/services/Soap/c/66.0/00D000000000001</EnterpriseUrl>
   <PartnerUrl>https://acme.my.salesforce.com/services/Soap/u/66.0/00D000000000001</PartnerUrl>
${parts.join('\n')}
  </notifications>
 </soapenv:Body>
</soapenv:Envelope>`;
}
