/** Names that look like an end and are none: a stage name may be unknown, never of the wrong class. */
import assert from 'node:assert/strict';
import { readDictionaryFiles } from '../../config/dictionaries/read.ts';
import { parseDictionaries } from '../../src/core/dictionary-parse.ts';
import { classifyLabel } from '../../src/core/label.ts';

const dictionary = parseDictionaries(readDictionaryFiles());

/** Words that turn a name round or put it in doubt, before or behind it, in the languages of the dictionary. */
const BEFORE: readonly string[] = [
  ...[
    'not ',
    'never ',
    'not yet ',
    'no longer ',
    'almost ',
    'nearly ',
    'un',
    'non-',
    'non ',
    'no ',
    'to be ',
    'if ',
    'can be ',
  ],
  ...[
    'nicht ',
    'noch nicht ',
    'fast ',
    'kein ',
    'nie ',
    'pas ',
    'pas encore ',
    'presque ',
    'jamais ',
    'casi ',
    'aún no ',
  ],
  ...[
    'não ',
    'ainda não ',
    'quasi ',
    'non ancora ',
    'niet ',
    'bijna ',
    'ikke ',
    'inte ',
    'ej ',
    'ei ',
    'nie ',
    'ne ',
    'nem ',
  ],
  ...[
    'не ',
    'ещё не ',
    'почти ',
    'nu ',
    'δεν ',
    'όχι ',
    'لم ',
    'غير ',
    'لا ',
    'לא ',
    'नहीं ',
    'ไม่',
    'ยังไม่',
    'không ',
    'chưa ',
  ],
  ...[
    '未',
    '不',
    '没',
    '非',
    '将',
    '未だ',
    '미',
    '안 ',
    'tidak ',
    'belum ',
    'hindi ',
    'bukan ',
    'hampir ',
    'henüz ',
    'değil ',
  ],
];
const BEHIND: readonly string[] = [
  ...[
    '?',
    ' ?',
    '？',
    '؟',
    ' - pending',
    ' pending',
    ' back',
    ' soon',
    ' maybe',
    ' contact',
    ' forecast',
    ' candidate',
    ' review',
  ],
  ...[
    ' nicht',
    ' geglaubt',
    ' erwartet',
    ' bald',
    ' en attente de confirmation',
    ' peut-être',
    ' bientôt',
    ' no',
    ' değil',
  ],
  ...[
    'ない',
    'ません',
    '予定',
    '見込み',
    '예정',
    '안됨',
    '不了',
    '中',
    ' नहीं',
    'ไม่ได้',
    ' (50%)',
    ' - 90 %',
    ' ❌',
  ],
];

/** Stage names of other products and languages: language, name, the classes that are not wrong for it. */
const NAMES = `
en | not won | unknown lost open
en | Not Won | unknown lost open
en | won back? | unknown open
en | won back | unknown open
en | lost contact | unknown open
en | lost & found | unknown open
en | closed - pending | unknown open paused
en | closed – pending signature | unknown open
en | Closed | unknown
en | closed? | unknown
en | almost won | unknown open
en | nearly won | unknown open
en | Won? | unknown
en | Lost? | unknown
en | verbal win | unknown open
en | Verbally won | unknown open
de | verloren geglaubt | unknown open
de | nicht verloren | unknown open
de | nicht gewonnen | unknown lost
de | fast gewonnen | unknown open
de | Gewonnen | won
de | Verloren | lost
de | Gewinn | unknown won
de | Verlust | unknown lost
fr | non perdue | unknown open
fr | non gagnée | unknown lost
fr | pas gagné | unknown lost
fr | presque gagnée | unknown open
fr | gagné | won
fr | perdu de vue | unknown open paused
fr | Perdue | lost
fr | Signature en attente | open unknown paused
fr | En attente | paused open unknown
fr | Contrat envoyé | open unknown
fr | Contrat signé | open unknown won
fr | En attente de paiement | open unknown
en | Closed Won | won
en | Closed Lost | lost
en | Closed won - pending | unknown open
en | Ready to close | open unknown
en | Closing | open unknown
en | Final review | open unknown
en | Awaiting signatures | open unknown
en | Term sheet | open unknown
en | Contract sent | open unknown
en | Contract signed | open unknown won
en | Out-Sold | lost unknown
en | Out-sold | lost unknown
en | Canceled | cancelled lost unknown
en | In Progress | open unknown
en | On Hold | paused open unknown
en | Postponed | paused unknown
en | Withdrawn | cancelled unknown lost
en | Delivered | unknown won
en | Not Started | open unknown
en | Dead | lost unknown
en | Ghosted | lost unknown
en | Passed | lost unknown
en | Declined | lost unknown
en | Wired | won unknown
en | Funds wired | won unknown
en | Deposit paid | won unknown open
en | Countersigned | won unknown open
en | Invoice created | open unknown
en | Contract pending | open unknown
en | Unwon | unknown lost open
en | unlost | unknown
en | No longer lost | unknown open
en | Win-back | unknown open
en | Win back campaign | unknown open
en | Lost lead recovery | unknown open
en | Reopened | open unknown
en | Reactivated | open unknown
en | Qualified | open unknown
en | Disqualified | lost unknown cancelled
en | Unqualified | lost unknown open cancelled
zh | 未成交 | lost unknown open
zh | 成交 | won unknown
zh | 赢单 | won unknown
zh | 输单 | lost unknown
zh | 丢单 | lost unknown
zh | 搁置 | paused unknown
zh | 不赢 | unknown lost
zh | 未赢单 | unknown lost open
zh | 無效 | lost unknown cancelled
ja | 受注 | won unknown
ja | 失注 | lost unknown
ja | 未受注 | unknown open lost
ja | 受注見込み | open unknown
ja | 受注予定 | open unknown
ja | 失注防止 | unknown open
ja | 保留 | paused unknown
ko | 수주 | won unknown
ko | 실주 | lost unknown
ko | 수주 실패 | lost unknown
ko | 수주 예정 | open unknown
ko | 계약 성사 | won unknown
th | ชนะ | won unknown
th | แพ้ | lost unknown
th | ไม่ชนะ | lost unknown
th | ยังไม่ชนะ | unknown open
th | ปิดการขาย | won unknown
th | ปิดการขายไม่สำเร็จ | lost unknown
th | กำลังเจรจา | open unknown
th | ยกเลิก | cancelled unknown lost
ar | فاز | won unknown
ar | لم يفز | lost unknown
ar | خسر | lost unknown
ar | لم يخسر | unknown open
ar | مغلق | unknown
ar | مغلقة مكسوبة | won unknown
ar | مغلقة مفقودة | lost unknown
ar | قيد التفاوض | open unknown
ar | مؤجل | paused unknown
hi | जीता | won unknown
hi | हारा | lost unknown
hi | नहीं जीता | lost unknown
hi | नहीं हारा | unknown open
hi | बंद | unknown
hi | बातचीत | open unknown
hi | रद्द | cancelled unknown lost
vi | Thắng | won unknown
vi | Thua | lost unknown
vi | Không thắng | lost unknown
vi | Chưa thắng | unknown open
vi | Thất bại | lost unknown
vi | Thành công | won unknown
vi | Đàm phán | open unknown
vi | Tạm dừng | paused unknown
vi | Hủy | cancelled unknown lost
lt | Pralaimėta | lost unknown
lt | Laimėta | won unknown
lt | Nelaimėta | lost unknown
hr | Dobitak | unknown won open
hr | Izgubljeno | lost unknown
hr | Dobiveno | won unknown
hr | Nije dobiveno | lost unknown
cs | Vyhráno | won unknown
cs | Nevyhráno | lost unknown
cs | Prohráno | lost unknown
pl | Wygrane | won unknown
pl | Niewygrane | lost unknown
pl | Przegrane | lost unknown
ru | Выиграна | won unknown
ru | Не выиграна | lost unknown
ru | Проиграна | lost unknown
ru | Успешно реализовано | won unknown
ru | Закрыто и не реализовано | lost unknown
ru | Реализовано | won unknown
ru | Не реализовано | lost unknown
ru | Первичный контакт | open unknown
ru | Переговоры | open unknown
ru | Сделка провалена | lost unknown
ru | Сделка успешна | won unknown
ru | Договор подписан | won unknown open
tr | Kazanıldı | won unknown
tr | Kazanılmadı | lost unknown
tr | Kaybedildi | lost unknown
tr | Kaybedilmedi | unknown open
no | Vunnet | won unknown
no | Ikke vunnet | lost unknown
no | Tapt | lost unknown
sv | Vunnen | won unknown
sv | Ej vunnen | lost unknown
sv | Förlorad | lost unknown
da | Vundet | won unknown
da | Ikke vundet | lost unknown
da | Tabt | lost unknown
fi | Voitettu | won unknown
fi | Ei voitettu | lost unknown
fi | Hävitty | lost unknown
nl | Gewonnen | won
nl | Niet gewonnen | lost unknown
nl | Verloren | lost
es | Ganada | won
es | No ganada | lost unknown
es | Perdida | lost
es | Casi ganada | unknown open
es | Ganado | won unknown
es | Cerrado | unknown
es | Cerrada ganada | won unknown
it | Vinta | won unknown
it | Non vinta | lost unknown
it | Persa | lost unknown
it | Perso | lost unknown
ro | ID persoane decizie | open unknown
id | Analisis persepsi | open unknown
en | Perception Analysis | open unknown
pt | Ganho | won unknown
pt | Não ganho | lost unknown
pt | Perdido | lost unknown
ro | Câștigat | won unknown
ro | Pierdut | lost unknown
ro | Necâștigat | lost unknown
el | Κερδισμένη | won unknown
el | Χαμένη | lost unknown
hu | Megnyert | won unknown
hu | Elvesztett | lost unknown
hu | Nem nyert | lost unknown
he | נצחון | won unknown
he | זכייה | won unknown
he | הפסד | lost unknown
fa | لغو شد | cancelled unknown
fa | برنده | won unknown
fa | بازنده | lost unknown
fa | از دست رفته | lost unknown
id | Menang | won unknown
id | Kalah | lost unknown
id | Tidak menang | lost unknown
id | Ditutup Menang | won unknown
fr | Perdu - à relancer | unknown open paused lost
en | Lost - to competitor | lost unknown
en | Lost to competitor | lost unknown
en | Closed - Lost | lost
en | Closed (Won) | won
en | CLOSED WON (100%) | won
en | 5. Closed Lost - 0% | lost
en | Stage 1 | unknown open
en | Appointment Scheduled | open unknown
en | Decision Maker Bought-In | open unknown
en | No decision | lost unknown cancelled paused
en | No Go | lost unknown cancelled
en | Go | unknown open
en | Go / No go | unknown open
en | Win/Loss review | unknown open
en | Won or lost | unknown
en | Won / Lost | unknown
en | Closed Won/Lost | unknown
en | Closed Won & Closed Lost | unknown
en | won - not paid | unknown open won
en | Not lost | unknown open
en | Abandoned | lost cancelled unknown
en | Parked | paused unknown
en | Nurture | paused open unknown
en | Duplicate | cancelled unknown lost
en | Spam | unknown lost cancelled
en | Junk | unknown lost cancelled
en | Converted | won unknown open
en | Customer | won unknown
en | Lost customer | unknown lost
en | Former customer | unknown lost
en | Booked | won unknown
en | Meeting booked | open unknown
en | Demo booked | open unknown
en | Sold | won unknown
en | Unsold | lost unknown open
en | Not sold | lost unknown
en | Signed | won unknown open
en | Unsigned | unknown open
en | To be signed | open unknown
en | Approved | open unknown won
en | Rejected | lost unknown
en | Not rejected | unknown open
en | Accepted | won unknown open
en | Not accepted | lost unknown
en | Failed | lost unknown
en | Success | won unknown
en | Unsuccessful | lost unknown
en | Successful | won unknown
en | Complete | unknown won
en | Completed | unknown won
en | Incomplete | unknown open
en | Finished | unknown won
en | Terminated | lost unknown cancelled
en | Expired | lost unknown cancelled
en | Archived | unknown lost cancelled
en | Active | open unknown
en | Inactive | unknown paused lost
en | Stalled | paused open unknown
en | Delayed | paused open unknown
en | Deferred | paused unknown
en | Pending | open paused unknown
en | Pending close | open unknown
en | Pending won | unknown open
en | Pending lost | unknown open
en | Won, awaiting payment | open unknown won
en | Lost deal review | unknown open
en | At risk | open unknown
en | At risk of being lost | open unknown
de | Gewonnen? | unknown
de | Storniert | cancelled unknown lost
de | Zurückgestellt | paused unknown
de | Pausiert | paused unknown
de | Abgelehnt | lost unknown
de | Angebot angenommen | won open unknown
de | Angebot abgelehnt | lost unknown
de | Auftrag erhalten | won unknown
de | Kein Auftrag | lost unknown
de | Auftrag nicht erhalten | lost unknown
de | Auftrag | won unknown open
de | Auftrag verloren | lost unknown
de | Abgeschlossen | unknown won
de | Nicht abgeschlossen | unknown open
de | Erfolglos | lost unknown
de | Erfolgreich | won unknown
`;

describe('names that only look like an end', () => {
  it('names of other products and languages are understood, or unknown, with and without their language', () => {
    const wrong: string[] = [];
    const rows = NAMES.trim().split('\n');
    for (const row of rows) {
      const [language = '', label = '', classes = ''] = row.split(/ \| /);
      for (const given of [language, null]) {
        const found = classifyLabel(label, given, dictionary).class;
        if (found !== 'unknown' && !classes.split(' ').includes(found))
          wrong.push(`${given}: "${label}" is ${found}, not ${classes}`);
      }
    }
    assert.deepEqual(wrong, []);
    assert.ok(rows.length > 200, `${rows.length} names`);
  });

  it('a word of doubt or negation beside any name of the dictionary never leaves it won', () => {
    const wrong: string[] = [];
    let asked = 0;
    for (const { language, meanings } of dictionary.tables) {
      for (const [name, meaning] of meanings) {
        if (meaning === null || meaning.class !== 'won') continue;
        for (const label of [...BEFORE.map((word) => word + name), ...BEHIND.map((word) => name + word)]) {
          // "vyhra no" is "vyhráno" with a space in it, and so the name itself.
          if (meanings.has(label.replaceAll(' ', ''))) continue;
          asked += 1;
          const { class: found } = classifyLabel(label, language, dictionary);
          if (found === 'won') wrong.push(`${language}: ${label}`);
        }
      }
    }
    assert.deepEqual(wrong, []);
    assert.ok(asked > 50_000, `${asked} names were asked`);
  });
});
