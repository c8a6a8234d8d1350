import type { Sentence } from '../../core/told.ts';

const UNKNOWN = 'On ne sait pas si HubSpot a effectué le changement :';
const READ_BACK = 'oppsync relit la fiche avant d’en faire quoi que ce soit.';
const AGAIN = 'oppsync réessaie de lui-même.';
const WAITS = 'oppsync attend et reprend de lui-même.';
const REFUSED = 'HubSpot a refusé[ la transaction {record}][ l’entreprise {company}] : {words}';
const POLICY =
  'Laissez HubSpot l’emporter dans la règle de ce champ, ou permettez la modification de la propriété dans HubSpot.';
const NO_KEY = 'Des transactions doivent être créées dans HubSpot, mais la propriété {native}';
const TWICE = 'sans elle, une transaction pourrait être créée deux fois.';
const REMAKE =
  'Supprimez-la dans HubSpot (ses valeurs sont celles d’oppsync) et relancez `oppsync provision`.';
const OWNER =
  'Associez ce propriétaire à un autre dans la table des propriétaires, ou donnez un propriétaire de repli.';
const OPTION =
  'Ajoutez l’option à la propriété dans HubSpot, ou associez la valeur à une autre dans la configuration.';
const OTHER_SIDE = 'Corrigez la valeur dans l’autre CRM.';
const MISSING = 'HubSpot n’a pas de propriété de transaction {native}, qui porte le champ {field}.';
const UNWRITABLE =
  'La propriété de transaction HubSpot {native} est en lecture seule : le champ {field} ne peut pas être écrit.';

/** What can be said of HubSpot, in French. English: src/connectors/hubspot/sentences.ts, under the same names. */
export const HUBSPOT_FR: Readonly<Record<string, Sentence>> = {
  credentials: {
    message: 'HubSpot n’accepte pas les identifiants de cette connexion.',
    remedy: 'Donnez un jeton d’accès valide, ou reconnectez le compte HubSpot.',
  },
  scopes: {
    message: 'Il manque une autorisation aux identifiants HubSpot : {scopes}.',
    remedy:
      'Ajoutez la portée (scope) {scopes} à l’application ou à la clé de service HubSpot, puis réessayez.',
  },
  permission: {
    message: 'Il manque une autorisation aux identifiants HubSpot ({words}).',
    remedy:
      'Ajoutez la portée (scope) manquante à l’application ou à la clé de service HubSpot, puis réessayez.',
  },
  withdrawn: {
    message: 'HubSpot a retiré l’accès accordé à oppsync.',
    remedy: 'Reconnectez le compte HubSpot.',
  },
  app_credentials: {
    message: 'HubSpot n’accepte pas les identifiants de l’application : {words}',
    remedy: 'Vérifiez auth.clientId et auth.clientSecret de cette connexion.',
  },
  no_token: {
    message: 'HubSpot a répondu à la demande de jeton d’accès sans en donner.',
    remedy: AGAIN,
  },
  settings: {
    message:
      'Les réglages de la connexion HubSpot ne sont pas justes.[ Manque : {missing}.][ Inconnu : {unknown}.][ Pas comme attendu : {wrong}.]',
    remedy: 'Corrigez ces endroits de la configuration.',
  },
  unreachable: {
    message: 'HubSpot est injoignable ({code}).',
    remedy: 'Vérifiez le réseau, le proxy et l’url de cette connexion ; oppsync réessaie de lui-même.',
  },
  deadline: {
    message: 'HubSpot n’a pas répondu en {ms} ms.',
    remedy: 'oppsync réessaie de lui-même ; si cela dure, voyez status.hubspot.com ou augmentez deadlineMs.',
  },
  garbage: { message: 'La réponse de HubSpot est arrivée tronquée.', remedy: AGAIN },
  server: {
    message: 'HubSpot a une panne de son côté (HTTP {status}).',
    remedy: 'oppsync réessaie de lui-même ; si cela dure, voyez status.hubspot.com.',
  },
  server_support: {
    message: 'HubSpot a une panne de son côté (HTTP {status}).',
    remedy: 'oppsync réessaie de lui-même ; si cela dure, écrivez à l’assistance de HubSpot.',
  },
  no_progress: {
    message: 'HubSpot annonçait d’autres transactions et a rendu la même page.',
    remedy: 'oppsync réessaie de lui-même ; rien n’a été sauté.',
  },
  unknown_broken: {
    message: `${UNKNOWN} la connexion a été coupée avant sa réponse.`,
    remedy: READ_BACK,
  },
  unknown_deadline: {
    message: `${UNKNOWN} il n’a pas répondu en {ms} ms.`,
    remedy: READ_BACK,
  },
  unknown_garbage: {
    message: `${UNKNOWN} sa réponse est arrivée tronquée.`,
    remedy: READ_BACK,
  },
  unknown_fault: {
    message: `${UNKNOWN} il signale une panne de son côté.`,
    remedy: READ_BACK,
  },
  unknown_server: {
    message: `${UNKNOWN} il a répondu par une panne de son côté (HTTP {status}).`,
    remedy: READ_BACK,
  },
  unknown_stopped: {
    message: `${UNKNOWN} oppsync a dû s’arrêter avant la réponse.`,
    remedy: READ_BACK,
  },
  unknown_unmentioned: {
    message: `${UNKNOWN} sa réponse ne mentionne pas la transaction.`,
    remedy: READ_BACK,
  },
  unknown_unsent: { message: `${UNKNOWN} il n’a pas été envoyé.`, remedy: READ_BACK },
  not_sent: {
    message: 'oppsync a dû s’arrêter avant d’envoyer cette transaction à HubSpot.',
    remedy: 'Relancez la synchronisation.',
  },
  locked: { message: 'HubSpot a verrouillé la fiche pour un instant.', remedy: WAITS },
  busy: { message: 'HubSpot ne pouvait pas prendre cette fiche à cet instant.', remedy: WAITS },
  limit_second: { message: 'La limite de HubSpot par seconde est épuisée.', remedy: WAITS },
  limit_ten_seconds: { message: 'La limite de HubSpot par 10 secondes est épuisée.', remedy: WAITS },
  limit_day: {
    message: 'Le quota journalier d’appels API du compte HubSpot est épuisé.',
    remedy:
      'Il est renouvelé à minuit dans le fuseau du compte[, {when} ({zone})] ; relancez la synchronisation ensuite, ou cherchez quelle application l’épuise.',
  },
  migration: { message: 'HubSpot déplace ce compte vers un autre centre de données.', remedy: WAITS },
  too_long_request: {
    message: 'Une requête à HubSpot serait trop longue : trop de propriétés sont demandées.',
    remedy: 'Configurez moins de champs personnalisés et de champs de preuve pour cette connexion.',
  },
  not_accepted: {
    message: 'HubSpot n’accepte pas ce qu’oppsync demande : {words}',
    remedy:
      'Vérifiez les champs personnalisés et les champs de preuve de cette connexion ; s’ils sont justes, signalez ce message.',
  },
  not_there: {
    message: 'HubSpot n’a pas ce qu’oppsync a demandé : {words}',
    remedy: 'Vérifiez l’url de cette connexion et l’âge de cette version d’oppsync.',
  },
  gone: {
    message: '[La transaction {record}][L’entreprise {company}] n’existe plus dans HubSpot.',
    remedy:
      'Elle a été supprimée ou fusionnée ; oppsync ne la recrée pas. Restaurez-la dans HubSpot si c’était une erreur.',
  },
  refused: {
    message: REFUSED,
    remedy: 'Corrigez la valeur dans l’un des CRM, puis rejouez la fiche depuis la quarantaine.',
  },
  refused_unique: {
    message: REFUSED,
    remedy:
      'Une autre transaction porte déjà cette valeur, qui doit être unique : vérifiez si les deux sont la même affaire.',
  },
  refused_property: {
    message: REFUSED,
    remedy:
      'Créez la propriété dans HubSpot (`oppsync provision` crée celles d’oppsync) ou retirez-la de la configuration.',
  },
  refused_read_only: {
    message: REFUSED,
    remedy: 'HubSpot calcule cette propriété : laissez-le l’emporter dans la règle de ce champ.',
  },
  refused_option: { message: REFUSED, remedy: OPTION },
  no_property: {
    message: 'HubSpot n’a pas de propriété {native}, qui porte le champ {field}.',
    remedy: 'Créez la propriété dans HubSpot, ou corrigez la configuration.',
  },
  no_property_for: {
    message: 'HubSpot n’a pas de propriété pour le champ {field}.',
    remedy: 'Créez la propriété dans HubSpot, ou corrigez la configuration.',
  },
  read_only: { message: 'La propriété HubSpot {native} est en lecture seule.', remedy: POLICY },
  too_long: {
    message: 'La valeur pour {native} compte {length} caractères ; HubSpot en prend {most}.',
    remedy: 'Raccourcissez la valeur.',
  },
  unknown_stage: {
    message: 'HubSpot n’a pas d’étape de transaction {value} (id du pipeline / id de l’étape).',
    remedy: 'Corrigez la table des étapes, ou créez l’étape dans HubSpot.',
  },
  stage_required: {
    message: 'L’étape d’une transaction HubSpot ne peut pas être vidée.',
    remedy: 'Associez l’étape vide à une étape, ou laissez ignorer les vides pour ce champ.',
  },
  unknown_owner: { message: 'Aucun utilisateur HubSpot n’a l’adresse {value}.', remedy: OWNER },
  inactive_owner: {
    message: 'L’utilisateur HubSpot {value} est désactivé et ne peut pas avoir de transactions.',
    remedy: OWNER,
  },
  inactive_currency: {
    message: '{value} n’est pas une devise de ce compte HubSpot ({allowed}).',
    remedy: 'Ajoutez {value} dans les paramètres de HubSpot, sous Paramètres par défaut du compte, Devise.',
  },
  no_option: { message: 'La propriété HubSpot {native} n’a pas d’option {value}.', remedy: OPTION },
  bad_number: {
    message: 'La valeur pour la propriété HubSpot {native} n’est pas un nombre.',
    remedy: OTHER_SIDE,
  },
  bad_date: {
    message: 'La valeur pour la propriété HubSpot {native} n’est pas une date (AAAA-MM-JJ).',
    remedy: OTHER_SIDE,
  },
  bad_moment: {
    message: 'La valeur pour la propriété HubSpot {native} n’est pas un instant (ISO 8601).',
    remedy: OTHER_SIDE,
  },
  bad_boolean: {
    message: 'La valeur pour la propriété HubSpot {native} n’est ni true ni false.',
    remedy: OTHER_SIDE,
  },
  missing_owned: { message: MISSING, remedy: 'Lancez `oppsync provision`, qui la crée.' },
  missing_custom: {
    message: MISSING,
    remedy: 'Créez-la dans HubSpot, ou corrigez customFields.{field}.native.',
  },
  missing_standard: {
    message: MISSING,
    remedy: 'Vérifiez que les identifiants voient toutes les propriétés des transactions.',
  },
  missing_evidence: {
    message: 'HubSpot n’a pas de propriété de transaction {native}, d’où se lit la preuve {evidence}.',
    remedy: 'Créez-la dans HubSpot, ou corrigez evidence.{evidence}.',
  },
  unwritable_owned: {
    message: UNWRITABLE,
    remedy: 'Permettez la modification de cette propriété dans HubSpot.',
  },
  unwritable: { message: UNWRITABLE, remedy: POLICY },
  time_zone: {
    message:
      'Le fuseau horaire du compte HubSpot n’est pas connu ici : « {zone} » ; les dates sont lues en UTC.',
    remedy: 'Choisissez un autre fuseau dans les paramètres du compte HubSpot.',
  },
  rules_unread: {
    message:
      'Les règles des pipelines HubSpot ne peuvent pas être lues : les étapes sont écrites sans les vérifier.',
    remedy:
      'Donnez à l’application la portée (scope) {scope}, ou mettez pipelineRules: ignore pour cette synchronisation.',
  },
  evidence_hidden: {
    message:
      'HubSpot ne montre pas {kind} à oppsync, qui n’en tire donc aucune preuve[ (portée manquante : {scopes})][ : {words}].',
    remedy:
      'Donnez à l’application la portée de lecture de {kind}, ou laissez ainsi : le reste est lu quand même.',
  },
  key_missing: {
    message: `${NO_KEY} n’existe pas ; ${TWICE}`,
    remedy: 'Lancez `oppsync provision`, qui la crée, ou désactivez la création.',
  },
  key_not_unique: {
    message: `${NO_KEY} n’est pas unique ; ${TWICE}`,
    remedy:
      'Supprimez-la dans HubSpot (ses valeurs sont celles d’oppsync), relancez `oppsync provision`, ou désactivez la création.',
  },
  key_read_only: {
    message: `${NO_KEY} est en lecture seule ; ${TWICE}`,
    remedy: 'Permettez la modification de cette propriété dans HubSpot, ou désactivez la création.',
  },
  deal_property_type: {
    message:
      'HubSpot : la propriété de transaction {native} existe, mais elle est du type {found} et non {wanted}.',
    remedy: REMAKE,
  },
  company_property_type: {
    message:
      'HubSpot : la propriété d’entreprise {native} existe, mais elle est du type {found} et non {wanted}.',
    remedy: REMAKE,
  },
  deal_property_not_unique: {
    message:
      'HubSpot : la propriété de transaction {native} existe, mais elle n’est pas unique et ne peut pas distinguer les paires.',
    remedy: REMAKE,
  },
  old_position: {
    message: 'La position de lecture de HubSpot conservée ({what}) n’est pas de cette version d’oppsync.',
    remedy: 'Lancez une synchronisation complète, qui s’en passe.',
  },
};
