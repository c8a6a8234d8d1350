/**
 * What teams write about a call or a meeting when nobody was met. Compared whole, never in part: "Answered" and "Not
 * answered" share a word and mean the opposite. Anything not listed is a team's own word for a contact that took place.
 */
const NOBODY_MET = new Set(
  [
    // English
    ...[
      'no answer',
      'not answered',
      'unanswered',
      'no response',
      'no reply',
      'no pick up',
      'did not pick up',
    ],
    ...[
      'did not answer',
      'not reached',
      'could not reach',
      'unable to reach',
      'not available',
      'unavailable',
    ],
    ...[
      'voicemail',
      'left voicemail',
      'left a voicemail',
      'left voice mail',
      'voice mail',
      'answering machine',
    ],
    ...[
      'left message',
      'left a message',
      'left live message',
      'busy',
      'line busy',
      'wrong number',
      'bad number',
    ],
    ...[
      'invalid number',
      'disconnected',
      'number disconnected',
      'number not in service',
      'missed',
      'missed call',
    ],
    ...['failed', 'call failed', 'abandoned', 'attempted', 'attempt', 'attempted contact', 'call attempted'],
    ...[
      'no show',
      'noshow',
      'no contact',
      'gatekeeper',
      'rang out',
      'hung up',
      'call back later',
      'callback requested',
    ],
    ...['cancelled', 'canceled', 'rescheduled', 'postponed', 'declined', 'scheduled', 'not held', 'deferred'],
    // German
    ...['nicht erreicht', 'nicht angenommen', 'keine antwort', 'niemand erreicht', 'mailbox', 'besetzt'],
    ...['falsche nummer', 'verpasst', 'abgesagt', 'nicht erschienen', 'verschoben', 'nachricht hinterlassen'],
    // French
    ...[
      'pas de reponse',
      'sans reponse',
      'non repondu',
      'injoignable',
      'messagerie',
      'message laisse',
      'occupe',
    ],
    ...[
      'mauvais numero',
      'faux numero',
      'appel manque',
      'manque',
      'absent',
      'annule',
      'annulee',
      'reporte',
      'reportee',
    ],
    // Spanish, Portuguese, Italian, Dutch
    ...[
      'sin respuesta',
      'no contesta',
      'no contesto',
      'buzon de voz',
      'ocupado',
      'numero equivocado',
      'cancelado',
    ],
    ...[
      'cancelada',
      'sem resposta',
      'nao atendeu',
      'nao atende',
      'caixa postal',
      'numero errado',
      'nessuna risposta',
    ],
    ...[
      'non risponde',
      'non risposto',
      'occupato',
      'segreteria',
      'numero sbagliato',
      'annullato',
      'annullata',
    ],
    ...['geen antwoord', 'geen gehoor', 'niet bereikt', 'in gesprek', 'verkeerd nummer', 'geannuleerd'],
  ].map(plain),
);

/** Does this word for the result of a call or meeting say that nobody was met? A blank says nothing. */
export function saysNobodyMet(result: unknown): boolean {
  return typeof result === 'string' && NOBODY_MET.has(plain(result));
}

/** How calendars of other programs mark a meeting that was called off: before the subject, with a colon. */
const CALLED_OFF = new Set(
  ['canceled', 'cancelled', 'declined', 'abgesagt', 'abgelehnt', 'annule', 'annulee', 'refuse', 'cancelado']
    .concat([
      'cancelada',
      'annullato',
      'annullata',
      'geannuleerd',
      'no show',
      'anulowano',
      'aflyst',
      'installd',
    ])
    .map(plain),
);

/** `Canceled: Demo`: the subject of a meeting that did not take place. */
export function isCalledOff(subject: unknown): boolean {
  if (typeof subject !== 'string') return false;
  const colon = subject.search(/[:：]/);
  return colon > 0 && CALLED_OFF.has(plain(subject.slice(0, colon)));
}

/** Without case, accents, punctuation and doubled spaces. */
function plain(text: string): string {
  return text
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}
