/** Outbound Messages of a flow on Opportunity, created or updated, as Salesforce documents them (salesforce.md §6.4). */
import type { WebhookVoice } from '../webhook-voice.ts';
import type { Org } from './org.ts';

const SOAP = 'http://schemas.xmlsoap.org/soap/envelope/';
const OUTBOUND = 'http://soap.sforce.com/2005/09/outbound';
/** Fields the message was set up with; blank ones are left out. */
const FIELDS = ['Id', 'Name', 'Amount', 'CloseDate', 'StageName', 'OwnerId', 'LastModifiedDate'];
/** Gaps grow up to two hours, for a day. */
const MOST_REPETITIONS = 16;
const LONGEST_PAUSE = 64;

export function salesforceVoice(org: Org): WebhookVoice {
  const opportunities = org.table('Opportunity');
  return {
    most: 100,
    concurrency: 5,
    timeoutMs: 60_000,
    pause: (retry) => (retry > MOST_REPETITIONS ? null : Math.min(LONGEST_PAUSE, 2 ** (retry - 1))),
    isReceived: (status, body) =>
      status === 200 &&
      /<(?:\w+:)?notificationsResponse\b[^>]*2005\/09\/outbound[^>]*>\s*<(?:\w+:)?Ack>\s*true\s*<\/(?:\w+:)?Ack>/.test(
        body,
      ),
    // A flow runs when its transaction is committed.
    isDue: ({ record }) => (opportunities.rows.get(String(record))?.visibleAt ?? 0) <= org.now(),

    items({ type, action, id }) {
      if (type !== 'Opportunity' || (action !== 'create' && action !== 'update')) return [];
      return [{ notification: org.ids.next('04l'), record: id }];
    },

    compose(items) {
      const notifications = items.map(({ notification, record }) => {
        // Values as they are now, not as they were when it happened.
        const row = opportunities.rows.get(String(record));
        const fields = FIELDS.flatMap((name) => {
          const value = row === undefined ? null : opportunities.read(row, name);
          return value === null ? [] : [`     <sf:${name}>${escaped(String(value))}</sf:${name}>`];
        });
        return `   <Notification>
    <Id>${String(notification)}</Id>
    <sObject xsi:type="sf:Opportunity" xmlns:sf="urn:sobject.enterprise.soap.sforce.com">
${fields.join('\n')}
    </sObject>
   </Notification>`;
      });
      const body = `<?xml version="1.0" encoding="UTF-8"?>
<soapenv:Envelope xmlns:soapenv="${SOAP}" xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
 <soapenv:Body>
  <notifications xmlns="${OUTBOUND}">
   <OrganizationId>${org.organizationId}</OrganizationId>
   <ActionId>04kDn0000000001EAA</ActionId>
   <SessionId xsi:nil="true"/>
   <EnterpriseUrl>${org.baseUrl}/services/Soap/c/66.0/${org.organizationId}</EnterpriseUrl>
   <PartnerUrl>${org.baseUrl}/services/Soap/u/66.0/${org.organizationId}</PartnerUrl>
${notifications.join('\n')}
  </notifications>
 </soapenv:Body>
</soapenv:Envelope>`;
      return { body, headers: { 'content-type': 'text/xml; charset=utf-8', soapaction: '""' } };
    },
  };
}

function escaped(text: string): string {
  return (
    text
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      // Control characters have no place in XML.
      .replace(/\p{Cc}/gu, (mark) => ('\t\n\r'.includes(mark) ? mark : ''))
  );
}
