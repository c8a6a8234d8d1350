/**
 * Stage names as other products ship them and as their users write them, from general knowledge of pipelines in 47 languages;
 * not taken from the dictionary, which is measured on them. A name it misses stays here.
 */
export interface ProductName {
  readonly language: string;
  readonly label: string;
  readonly meaning: string;
}

const named = (meaning: string, lines: string): ProductName[] =>
  lines
    .trim()
    .split('\n')
    .flatMap((line) => {
      const [language = '', list = ''] = line.trim().split(/: (.*)/, 2);
      return list.split(' | ').map((label) => ({ language, label, meaning }));
    });

export const PRODUCT_NAMES: readonly ProductName[] = [
  ...named(
    'open',
    `en: Lead In | Contact Made | Demo Scheduled | Proposal Made | Negotiations Started | Qualified
     en: Needs Defined | Idea | Identify Decision Makers | Value Proposition | Proposal/Price Quote
     en: Negotiation/Review | Qualify | Develop | Propose | Appointment Set | Appointment Scheduled
     en: Presentation Scheduled | Decision Maker Bought-In | Contract Sent | Proposition | Demo Completed
     en: Proposal Sent | New Lead | Under Review | Follow Up | Verbal Commitment | Discovery | Trial
     en: Perception Analysis | Invoice Sent | Win-back | Closing | Pre-close | Final negotiation
     en: Contract review | Awaiting signature | Verbal yes | Pilot | Proof of Concept | POC | Sales Accepted
     en: MQL | SQL | Quote Sent | Quoted | Estimate Sent | Evaluation | Technical validation
     en: Security review | Procurement | Legal
     fr: Prospection | Premier contact | Qualifié | Rendez-vous planifié | Démonstration planifiée
     fr: Proposition envoyée | Devis envoyé | Négociation en cours | Contrat envoyé | Analyse des besoins
     fr: Nouveau | À relancer | Découverte | Démo | Démo réalisée | Présentation | Closing
     fr: En cours de signature | Décision en attente | Offre remise | RDV pris
     de: Erstkontakt | Qualifiziert | Termin vereinbart | Angebot erstellt | Angebot versendet | Verhandlung
     de: In Verhandlung | Bedarfsanalyse | Neu | Vertrag gesendet | Präsentation geplant | Lead | Demo
     de: Entscheidung | Bedarf ermittelt | Vertragsverhandlung | Wiedervorlage | Angebotsphase
     es: Prospección | Contacto realizado | Calificado | Cualificado | Reunión programada | Propuesta enviada
     es: Presupuesto enviado | En negociación | Contrato enviado | Análisis de necesidades | Demostración
     es: Presentación | Negociación/Revisión | Primer contacto | Seguimiento
     pt: Qualificação | Contato feito | Proposta enviada | Em negociação | Reunião agendada
     pt: Demonstração agendada | Contrato enviado | Levantamento de necessidades | Primeiro contato
     pt: Negociação | Apresentação | Orçamento enviado | Follow-up
     it: Qualificazione | Primo contatto | Appuntamento fissato | Proposta inviata | Preventivo inviato
     it: In trattativa | Negoziazione | Analisi dei bisogni | Contratto inviato | Presentazione
     it: Offerta inviata | Contatto | Dimostrazione
     nl: Gekwalificeerd | Eerste contact | Afspraak gepland | Offerte verstuurd | Offerte verzonden
     nl: Onderhandeling | In onderhandeling | Behoefteanalyse | Nieuw | Demo gepland | Voorstel
     nl: Voorstel verstuurd | Contract verstuurd | Opvolgen
     ru: Первичный контакт | Переговоры | Принимают решение | Согласование договора | Неразобранное | Новая
     ru: Подготовка документов | Счёт на предоплату | В работе | Финальный счёт | Квалификация
     ru: Коммерческое предложение отправлено | Выставлен счёт | Встреча назначена | Договор отправлен | Лид
     ru: Презентация | Согласование | Презентация проведена | Выявление потребностей | Дожим
     ru: Ожидание оплаты
     uk: Нова угода | Кваліфікація | Переговори | Пропозиція надіслана | Узгодження договору
     uk: Приймають рішення | Презентація
     pl: Nowy | Kwalifikacja | Pierwszy kontakt | Oferta wysłana | Negocjacje | Spotkanie umówione
     pl: Analiza potrzeb | Umowa wysłana | Prezentacja | Oferta | Propozycja | Decyzja
     cs: Nový | Kvalifikace | Nabídka odeslána | Vyjednávání | Jednání | Analýza potřeb | Prezentace
     cs: První kontakt
     sk: Kvalifikácia | Vyjednávanie | Prezentácia | Ponuka odoslaná
     hu: Új | Minősített | Ajánlat elküldve | Tárgyalás | Bemutató | Ajánlat
     ro: Calificare | Ofertă trimisă | Negociere | Prospectare | Prezentare
     bg: Квалификация | Преговори | Изпратена оферта
     sv: Kvalificerad | Möte bokat | Offert skickad | Förhandling | Behovsanalys | Första kontakt
     sv: Avtal skickat
     da: Kvalificeret | Møde booket | Tilbud sendt | Forhandling | Behovsafdækning | Første kontakt
     no: Kvalifisert | Møte booket | Tilbud sendt | Forhandling | Behovsanalyse | Første kontakt
     fi: Tarjous lähetetty | Neuvottelu | Tarvekartoitus | Tapaaminen sovittu | Ensikontakti
     fi: Sopimus lähetetty
     tr: Yeni | Nitelikli | Teklif gönderildi | Müzakere | Pazarlık | İlk görüşme | Sunum
     tr: Sözleşme gönderildi
     el: Νέο | Προσφορά στάλθηκε | Διαπραγμάτευση | Παρουσίαση
     ar: جديد | مؤهل | تم إرسال العرض | التفاوض | مفاوضات | عرض سعر | اجتماع
     he: חדש | הצעת מחיר נשלחה | משא ומתן | פגישה | הצעת מחיר
     fa: مذاکره | ارسال پیشنهاد
     hi: बातचीत | प्रस्ताव भेजा गया
     id: Negosiasi | Penawaran terkirim | Kualifikasi | Presentasi | Kontak pertama
     ms: Rundingan
     vi: Đàm phán | Đã gửi báo giá | Tiềm năng | Gửi báo giá | Thương lượng
     th: เจรจาต่อรอง | ส่งใบเสนอราคา | นำเสนอ | ติดต่อครั้งแรก
     zh: 初步接洽 | 需求确认 | 方案报价 | 谈判审核 | 商务谈判 | 合同签订中 | 驗證客戶 | 立项评估 | 跟进中 | 意向客户 | 已报价 | 报价 | 方案
     ja: アポ獲得 | 初回商談 | 提案 | 見積提出 | 交渉 | クロージング | ヒアリング | アプローチ | 提案中 | 商談中 | 最終交渉 | 内示
     ko: 신규 | 제안 | 견적 발송 | 협상 | 협상 중 | 상담 | 제안서 발송 | 계약 검토
     hr: Pregovori | Ponuda poslana | Prezentacija
     sr: Преговори | Понуда послата
     sl: Pogajanja | Ponudba poslana
     lt: Derybos | Pasiūlymas išsiųstas | Prezentacija
     lv: Sarunas | Piedāvājums nosūtīts
     et: Läbirääkimised | Pakkumine saadetud | Pakkumine
     ca: Proposta enviada | Negociació`,
  ),
  ...named(
    'paused',
    `en: On Hold | Postponed | Parked | Nurture | Dormant
     fr: Reporté | En pause | En veille | Gelé
     de: Zurückgestellt | Pausiert | On Hold
     es: En espera | Aplazado | Pausado | Congelado
     pt: Em espera | Pausado
     nl: In de wacht | Uitgesteld
     ru: Отложена | Заморожено
     pl: Wstrzymane | Zawieszone
     cs: Odloženo | Pozastaveno
     hu: Felfüggesztve
     ro: În așteptare
     sv: Vilande | Pausad
     da: På hold
     no: På vent
     tr: Beklemede
     ar: معلق
     id: Ditunda
     zh: 搁置 | 暂停
     ja: 保留 | ペンディング
     ko: 보류
     it: Sospeso | Rimandato
     fi: Odottaa
     vi: Tạm dừng`,
  ),
  ...named(
    'won',
    `en: Closed Won | Deal Won | Won Deals | Successful | Closed - won (signed) | Sold
     fr: Gagné | Affaire gagnée | Fermé gagné | Conclu | Signé | Vendu | ✅ Gagné
     de: Gewonnen | Abgeschlossen gewonnen | Auftrag erhalten | Verkauft | Geschlossen/Gewonnen
     es: Ganado | Cerrado ganado | Ganada | Vendido | Cierre exitoso
     pt: Ganho | Fechado ganho | Negócio fechado | Vendido | Venda realizada
     it: Vinto | Chiuso vinto | Chiusa vinta | Vinta | Acquisito | Concluso con successo
     nl: Gewonnen | Gesloten gewonnen | Deal gewonnen | Verkocht
     ru: Успешно реализовано | Сделка успешна | Выиграна | Оплачено
     uk: Виграно | Успішно реалізовано | Продано
     pl: Wygrane | Wygrana | Zamknięte wygrane | Sprzedane | Sukces
     cs: Vyhráno | Uzavřeno - vyhráno | Prodáno | Úspěch
     sk: Vyhrané
     hu: Megnyert | Megnyerve | Sikeres
     ro: Câștigat | Vândut
     bg: Спечелена
     sv: Vunnen | Vunnet | Affär vunnen | Såld
     da: Vundet | Solgt
     no: Vunnet | Solgt
     fi: Voitettu | Myyty
     tr: Kazanıldı | Kapandı Kazanıldı | Satıldı | Başarılı
     el: Κερδισμένη | Κερδήθηκε | Επιτυχία
     ar: تم الفوز | مكسوبة | مغلق فوز | ناجحة
     he: זכייה | נסגר בהצלחה | נמכר
     fa: برنده | موفق
     hi: जीता
     id: Menang | Berhasil
     ms: Menang
     vi: Thắng | Thành công | Chốt thành công
     th: ชนะ | ปิดการขายได้
     zh: 赢单 | 成交 | 已赢单 | 結案成交 | 已成交 | 签约成功
     ja: 受注 | 成約 | 契約済み | 受注済
     ko: 수주 | 성공 | 계약 완료 | 성사
     hr: Dobiveno | Prodano
     sr: Добијено | Dobijeno
     sl: Pridobljeno
     lt: Laimėta
     lv: Uzvarēts
     et: Võidetud
     ca: Guanyat
     gl: Gañado
     eu: Irabazita
     is: Unnið
     ka: მოგებული
     az: Qazanıldı
     mk: Добиена
     sq: Fituar
     fil: Panalo`,
  ),
  ...named(
    'lost',
    `en: Closed-Lost to Competition | Closed Lost to Competition | Closed Lost | Disqualified
     en: Not Interested | Lost to Competitor | No Decision | Unsuccessful | Dead | Rejected | Declined
     en: Lost - price | Closed - no sale | Junk
     fr: Perdu | Affaire perdue | Fermé perdu | Sans suite | Non conclu | Refusé | Perdu - prix | Disqualifié
     fr: Pas intéressé
     de: Verloren | Abgeschlossen verloren | Abgelehnt | Kein Interesse | Geschlossen/Verloren | Absage
     de: Disqualifiziert
     es: Perdido | Cerrado perdido | Perdida | Descartado | Rechazado | No interesado
     pt: Perdido | Fechado perdido | Negócio perdido | Desqualificado | Recusado
     it: Perso | Chiuso perso | Persa | Rifiutato | Non interessato
     nl: Verloren | Gesloten verloren | Geweigerd | Afgewezen | Geen interesse
     ru: Закрыто и не реализовано | Сделка провалена | Анализ причины провала | Проиграна | Отказ
     ru: Некачественный лид | Закрыто неуспешно
     uk: Програно | Закрито і не реалізовано | Відмова | Втрачено
     pl: Przegrane | Przegrana | Zamknięte przegrane | Odrzucone | Porażka
     cs: Prohráno | Ztraceno | Odmítnuto
     sk: Prehrané | Stratené
     hu: Elveszett | Elvesztett | Sikertelen | Elutasítva
     ro: Pierdut | Respins
     bg: Загубена
     sv: Förlorad | Förlorat | Affär förlorad
     da: Tabt | Afvist
     no: Tapt | Avslått
     fi: Hävitty | Menetetty | Hylätty
     tr: Kaybedildi | Kapandı Kaybedildi | Başarısız | Reddedildi
     el: Χαμένη | Χάθηκε | Απορρίφθηκε
     ar: خسارة | مفقودة | مغلقة خاسرة | مرفوض | فاشلة
     he: הפסד | אבוד | לא רלוונטי
     fa: از دست رفته | ناموفق
     hi: हारा
     id: Kalah | Gagal | Ditolak
     ms: Kalah
     vi: Thua | Thất bại | Từ chối
     th: แพ้ | ปิดการขายไม่ได้
     zh: 输单 | 丢单 | 失败 | 未成交 | 无效 | 流失
     ja: 失注 | 不成立 | 失注（価格） | 見送り
     ko: 실주 | 실패 | 거절 | 수주 실패
     hr: Izgubljeno | Odbijeno
     sr: Изгубљено | Izgubljeno
     sl: Izgubljeno
     lt: Pralaimėta | Prarasta
     lv: Zaudēts
     et: Kaotatud
     ca: Perdut
     gl: Perdido
     eu: Galduta
     is: Tapað
     ka: წაგებული
     az: İtirildi
     mk: Изгубена
     sq: Humbur
     fil: Talo`,
  ),
  ...named(
    'cancelled',
    `en: Cancelled | Canceled by customer | Withdrawn | Abandoned | Project cancelled
     fr: Annulé | Abandonné | Projet annulé | Retiré
     de: Storniert | Abgebrochen | Zurückgezogen
     es: Cancelado | Anulado
     pt: Cancelado | Desistência
     it: Annullato
     nl: Geannuleerd
     ru: Отменена | Отменено
     uk: Скасовано
     pl: Anulowane
     cs: Zrušeno
     sk: Zrušené
     hu: Törölve
     ro: Anulat
     sv: Avbruten
     da: Annulleret
     no: Avbrutt
     fi: Peruttu
     tr: İptal | İptal edildi
     el: Ακυρώθηκε
     ar: ملغاة
     he: בוטל
     fa: لغو شده
     hi: रद्द
     id: Dibatalkan
     ms: Dibatalkan
     vi: Đã hủy
     th: ยกเลิก
     zh: 取消
     ja: キャンセル
     ko: 취소
     hr: Otkazano
     ca: Cancel·lat
     sl: Preklicano
     lt: Atšaukta
     lv: Atcelts
     et: Tühistatud`,
  ),
  ...named(
    'unknown',
    `en: Won't close this quarter | Lost and found | Lost - reactivated | Partially won | Almost lost
     fr: Presque gagné | Perdu de vue
     de: Fast gewonnen`,
  ),
];
