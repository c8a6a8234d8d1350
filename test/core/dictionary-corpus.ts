/**
 * Stage names as teams write them, from general knowledge of many CRMs and languages; not taken from the dictionary. The
 * dictionary is measured on them, so a name it misses stays here.
 */
type Name = readonly [language: string, label: string, meaning: string];

const names = (meaning: string, lines: string): Name[] =>
  lines
    .trim()
    .split('\n')
    .flatMap((line) => {
      const [language = '', list = ''] = line.trim().split(/:\s*/, 2);
      return list.split(' | ').map((label): Name => [language, label, meaning]);
    });

export const OUTCOME_NAMES: readonly Name[] = [
  ...names(
    'won',
    `en: Closed Won | Won | Deal Won | Closed - Won | 100% Won | Won deal | Opportunity won | Sold | Closed (Won)
     fr: Gagné | Affaire gagnée | Signé | Fermé gagné | Clos - gagné | Vente gagnée | Conclu | 6. Gagnée (100%) | Opportunité gagnée | Fermée - Gagnée
     de: Gewonnen | Abgeschlossen und gewonnen | Auftrag gewonnen | Geschlossen gewonnen | Deal gewonnen | Erfolgreich abgeschlossen
     es: Ganado | Cerrada ganada | Negocio ganado | Cierre ganado | Cerrado - Ganado | Trato ganado | Venta ganada
     pt: Ganho | Fechado ganho | Negócio ganho | Fechada e ganha | Venda ganha | Fechado - Ganho
     it: Vinto | Chiuso vinto | Trattativa vinta | Chiusa vinta | Chiuso - Vinto | Affare vinto
     nl: Gewonnen | Gesloten gewonnen | Deal gewonnen | Afgesloten - gewonnen
     pl: Wygrane | Zamknięte wygrane | Szansa wygrana | Zamknięte - wygrane | Wygrana
     ru: Успешно реализовано | Выиграно | Закрыто - выиграно | Сделка выиграна | Закрыта и выиграна
     uk: Виграно | Закрито - виграно | Угода виграна
     sv: Vunnen | Stängd vunnen | Vunnen affär | Avslutad - vunnen
     da: Vundet | Lukket vundet | Aftale vundet
     nb: Vunnet | Lukket vunnet | Salg vunnet
     fi: Voitettu | Suljettu voitettu | Kauppa voitettu
     cs: Vyhráno | Uzavřeno - vyhráno | Obchod vyhrán
     sk: Vyhraté | Uzavreté - vyhraté
     hu: Megnyert | Lezárt - megnyert | Megnyert üzlet
     ro: Câștigat | Închis câștigat | Afacere câștigată
     bg: Спечелена | Затворена - спечелена | Спечелена сделка
     tr: Kazanıldı | Kapatıldı - Kazanıldı | Fırsat kazanıldı
     el: Κερδισμένη | Κλειστή - Κερδισμένη
     ja: 受注 | 成約 | 受注済み | 商談成立
     ko: 수주 | 성공 | 계약 체결 | 거래 성사
     zh: 赢单 | 成交 | 已成交 | 赢单关闭
     ar: مغلق رابح | صفقة رابحة | تم الفوز
     he: נסגר בהצלחה | זכייה | סגור - זכייה
     fa: موفق | برنده شده
     vi: Thắng | Thành công | Đóng - Thắng
     th: ชนะ | ปิดการขายสำเร็จ
     id: Menang | Ditutup - Menang | Berhasil`,
  ),
  ...names(
    'lost',
    `en: Closed Lost | Lost | Deal Lost | Closed - Lost | Lost to competitor | Disqualified | No decision | Lost deal
     fr: Perdu | Perdue | Affaire perdue | Fermé perdu | Sans suite | Clos - perdu | Refusé | Opportunité perdue
     de: Verloren | Geschlossen verloren | Auftrag verloren | Abgeschlossen - verloren | Abgelehnt
     es: Perdido | Cerrada perdida | Negocio perdido | Cerrado - Perdido | Rechazado
     pt: Perdido | Fechado perdido | Negócio perdido | Fechado - Perdido
     it: Perso | Chiuso perso | Trattativa persa | Chiuso - Perso
     nl: Verloren | Gesloten verloren | Deal verloren | Afgewezen
     pl: Przegrane | Zamknięte przegrane | Utracone | Szansa utracona
     ru: Закрыто и не реализовано | Проиграно | Закрыто - проиграно | Сделка проиграна | Сделка провалена
     uk: Програно | Закрито - програно | Втрачено
     sv: Förlorad | Stängd förlorad | Förlorad affär
     da: Tabt | Lukket tabt
     nb: Tapt | Lukket tapt
     fi: Hävitty | Suljettu hävitty | Menetetty
     cs: Prohráno | Uzavřeno - prohráno | Ztraceno
     sk: Prehraté | Uzavreté - prehraté
     hu: Elvesztett | Lezárt - elvesztett
     ro: Pierdut | Închis pierdut
     bg: Загубена | Затворена - загубена
     tr: Kaybedildi | Kapatıldı - Kaybedildi
     el: Χαμένη | Κλειστή - Χαμένη
     ja: 失注 | 失注済み | 商談不成立
     ko: 실주 | 실패 | 거래 실패
     zh: 输单 | 丢单 | 未成交
     ar: مغلق خاسر | خسارة | مفقود
     he: אבוד | הפסד
     fa: ناموفق | از دست رفته
     vi: Thua | Thất bại | Đóng - Thua
     th: แพ้ | ไม่สำเร็จ
     id: Kalah | Ditutup - Kalah | Gagal`,
  ),
  ...names(
    'cancelled',
    `en: Cancelled | Canceled | Withdrawn | Abandoned | Closed - Cancelled
     fr: Annulé | Abandonné | Affaire annulée
     de: Storniert | Abgebrochen
     es: Cancelado | Abandonado
     pt: Cancelado
     it: Annullato | Abbandonato
     nl: Geannuleerd
     pl: Anulowane
     ru: Отменено
     ja: キャンセル
     zh: 取消`,
  ),
  ...names(
    'paused',
    `en: On hold | Postponed | Suspended
     fr: Suspendu | Reporté | En pause
     de: Pausiert | Zurückgestellt
     es: En espera | Aplazado
     pt: Em espera | Adiado
     it: Sospeso | Rimandato
     nl: Uitgesteld
     pl: Wstrzymane
     ru: Приостановлено
     ja: 保留
     zh: 暂停`,
  ),
];

export const STEP_NAMES: readonly Name[] = names(
  'open',
  `en: New | Appointment Scheduled | Qualified To Buy | Presentation Scheduled | Decision Maker Bought-In | Contract Sent | Contact Made | Demo Scheduled | Proposal Made | Negotiations Started | Discovery | Verbal commitment | Due diligence | Partner meeting | Proposal under review | Quote prepared | Needs identified | Legal review | Follow-up | Solution design
   fr: Nouveau | Prise de contact | Rendez-vous planifié | Qualification | Devis envoyé | Proposition envoyée | Négociation | Contrat envoyé | Relance | Démo effectuée | À contacter | Découverte | Étude de besoin | En cours | Prospection | Proposition commerciale envoyée | Attente signature
   de: Neu | Erstkontakt | Termin vereinbart | Qualifiziert | Angebot versendet | Angebot erstellt | Verhandlung | Vertrag gesendet | In Bearbeitung | Bedarfsanalyse | Präsentation geplant | Demo durchgeführt | Nachfassen
   es: Nuevo | Contactado | Cita programada | Calificado | Propuesta enviada | Negociación | Contrato enviado | En proceso | Presentación programada | Cotización enviada | Demo agendada | Seguimiento
   pt: Novo | Contato feito | Reunião agendada | Qualificação | Proposta enviada | Negociação | Contrato enviado | Em andamento | Demonstração agendada | Proposta apresentada
   it: Nuovo | Contattato | Appuntamento fissato | Qualificato | Preventivo inviato | Offerta inviata | Negoziazione | Contratto inviato | In corso | Demo programmata
   nl: Nieuw | Contact gelegd | Afspraak gepland | Gekwalificeerd | Offerte verstuurd | Onderhandeling | Contract verstuurd | Demo gepland
   pl: Nowe | Kontakt nawiązany | Spotkanie umówione | Kwalifikacja | Oferta wysłana | Negocjacje | Umowa wysłana
   ru: Новая | Первичный контакт | Встреча назначена | Квалификация | КП отправлено | Переговоры | Принимают решение | Согласование договора | В работе | Счёт на предоплату
   uk: Новий | Переговори | Пропозицію надіслано | Кваліфікація
   sv: Ny | Möte bokat | Offert skickad | Förhandling | Kvalificerad | Avtal skickat
   da: Ny | Møde booket | Tilbud sendt | Forhandling
   nb: Ny | Møte avtalt | Tilbud sendt | Forhandling
   fi: Uusi | Tapaaminen sovittu | Tarjous lähetetty | Neuvottelu
   cs: Nový | Schůzka domluvena | Nabídka odeslána | Vyjednávání
   hu: Új | Ajánlat elküldve | Tárgyalás | Minősítés
   ro: Nou | Ofertă trimisă | Negociere | Calificare
   bg: Нова | Изпратена оферта | Преговори
   tr: Yeni | Teklif gönderildi | Müzakere | Sözleşme gönderildi | Toplantı planlandı
   el: Νέα | Πρόταση | Διαπραγμάτευση
   ja: 新規 | アポ獲得 | 提案中 | 見積提出 | 交渉中 | 契約書送付 | ヒアリング | デモ実施
   ko: 신규 | 미팅 예정 | 제안서 발송 | 협상 중 | 견적 제출
   zh: 初步接触 | 需求分析 | 方案报价 | 商务谈判 | 跟进中 | 已发送合同
   ar: جديد | تفاوض | تم إرسال العرض | مؤهل
   he: חדש | הצעת מחיר נשלחה | משא ומתן
   fa: جدید | مذاکره | پیشنهاد قیمت
   vi: Mới | Gửi báo giá | Đàm phán
   th: ใหม่ | เสนอราคา | เจรจาต่อรอง
   id: Baru | Proposal dikirim | Negosiasi`,
);
