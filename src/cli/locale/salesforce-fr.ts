import type { Sentence } from '../../core/told.ts';
import { SALESFORCE_ANSWERS_FR } from './salesforce-answers-fr.ts';

const CANNOT = 'Salesforce ne peut pas prendre {field} :';
const MAP_IT = 'Associez la valeur à une qui existe, ou ajoutez-la dans Salesforce.';
const CORRECT_IT = 'Corrigez la valeur dans l’autre CRM.';
const FIELD_HIDDEN =
  'Le champ Opportunity.{native} ({field}) n’existe pas dans Salesforce ou est caché à l’utilisateur d’intégration.';
const PERSON =
  'Donnez à cette personne un utilisateur Salesforce actif, ou associez le propriétaire à quelqu’un qui en a un.';
const NO_KEY = 'Des opportunités doivent être créées dans Salesforce, mais le champ {native}';
const TWICE = 'sans lui, une opportunité pourrait être créée deux fois.';
const KEY_REMEDY =
  'Lancez `oppsync provision` avec un administrateur (le champ doit être un identifiant externe unique), ou désactivez la création.';
const NETWORK = 'Vérifiez le réseau, le proxy et l’url dans la configuration ; voyez trust.salesforce.com.';
const FORBIDDEN =
  'Lancez-la avec un utilisateur qui a l’autorisation « {permission} », ou faites-la donner pour un temps par un administrateur.';
const AGAIN = 'Un nouvel essai est fait sans intervention.';

/** What can be said of Salesforce, in French. English: src/connectors/salesforce/sentences.ts, under the same names. */
export const SALESFORCE_FR: Readonly<Record<string, Sentence>> = {
  ...SALESFORCE_ANSWERS_FR,
  late: {
    message: 'Salesforce, à {host}, n’a pas donné de réponse complète en {seconds} s.',
    remedy: NETWORK,
  },
  unreachable: { message: 'Salesforce est injoignable à {host} ({code}).', remedy: NETWORK },
  distrusted: {
    message: 'Salesforce est injoignable à {host} ({code}).',
    remedy: 'Vérifiez le certificat de cet hôte et les certificats auxquels cette machine fait confiance.',
  },
  broken: {
    message: 'La connexion à Salesforce ({host}) a été coupée avant la fin de la réponse ({code}).',
    remedy: NETWORK,
  },
  read_back: {
    message: 'On ne sait pas si Salesforce a effectué le changement.',
    remedy: 'Rien à faire : les fiches sont relues avant toute autre chose.',
  },
  no_result: {
    message: 'Salesforce n’a pas dit ce qu’il est advenu de l’opportunité {record}.',
    remedy: 'Rien à faire : la fiche est relue avant toute autre chose.',
  },
  interrupted: {
    message: 'L’exécution a été interrompue avant l’envoi de cette fiche.',
    remedy: 'Relancez.',
  },
  settings: {
    message:
      'Les réglages de la connexion Salesforce ne sont pas justes.[ Manque : {missing}.][ Inconnu : {unknown}.][ Pas comme attendu : {wrong}.]',
    remedy: 'Corrigez ces endroits de la configuration.',
  },
  private_key: {
    message: 'La clé privée de la connexion Salesforce ne peut pas servir à signer.',
    remedy: 'Donnez la clé privée RSA entière au format PEM, avec ses lignes BEGIN et END.',
  },
  no_opportunity: {
    message: 'L’utilisateur d’intégration Salesforce ne voit pas les opportunités.',
    remedy:
      'Donnez-lui la lecture et la modification de l’objet Opportunity, par un ensemble d’autorisations.',
  },
  organization: {
    message:
      'La connexion à Salesforce ne dit pas à quelle organisation elle mène, ce qu’exigent les événements de changement.',
    remedy: 'Connectez-vous par l’adresse My Domain de l’organisation.',
  },
  bulk_cut: {
    message: 'Salesforce a rendu une page incomplète d’un résultat en masse.',
    remedy: 'Rien à faire : la page est redemandée.',
  },
  bulk_job_ended: {
    message: 'La requête en masse de Salesforce s’est terminée par {state}[ : {words}].',
    remedy: 'Rien à faire : la lecture continue sans elle.',
  },
  stage_unknown: { message: `${CANNOT} l’étape {value} n’existe pas.`, remedy: MAP_IT },
  stage_inactive: {
    message: `${CANNOT} l’étape {value} n’est plus proposée.`,
    remedy: 'Associez-la à une étape active, ou activez-la dans Salesforce.',
  },
  owner_unknown: { message: `${CANNOT} {value} n’appartient à aucun utilisateur.`, remedy: PERSON },
  owner_inactive: {
    message: `${CANNOT} {value} appartient à un utilisateur inactif.`,
    remedy: PERSON,
  },
  not_a_number: { message: `${CANNOT} {value} n’est pas un nombre.`, remedy: CORRECT_IT },
  number_does_not_fit: {
    message: `${CANNOT} {value} ne tient pas en {whole} chiffres et {fraction} décimales.`,
    remedy: CORRECT_IT,
  },
  number_not_exact: {
    message: `${CANNOT} {value} a plus de chiffres que l’API n’en transporte exactement.`,
    remedy: 'Arrondissez le montant, ou saisissez-le à la main dans Salesforce.',
  },
  choice_not_allowed: {
    message: `${CANNOT} {value} n’est pas une des valeurs permises.`,
    remedy: MAP_IT,
  },
  not_a_date: {
    message: `${CANNOT} {value} n’est pas une date que Salesforce sait tenir.`,
    remedy: CORRECT_IT,
  },
  not_a_moment: { message: `${CANNOT} {value} n’est pas une date avec heure.`, remedy: CORRECT_IT },
  not_a_boolean: { message: `${CANNOT} {value} n’est ni true ni false.`, remedy: CORRECT_IT },
  currency_not_allowed: {
    message: `${CANNOT} l’organisation n’a qu’une devise[ ({currency})], pas {value}.`,
    remedy: 'Activez les devises multiples dans Salesforce, ou excluez les affaires en d’autres devises.',
  },
  field_missing: {
    message: `${CANNOT} le champ n’existe pas ou est caché à l’utilisateur d’intégration.`,
    remedy: 'Créez le champ et donnez-en l’accès, ou retirez-le de la configuration.',
  },
  field_read_only: {
    message: `${CANNOT} l’utilisateur d’intégration ne peut pas modifier {native}.`,
    remedy:
      'Donnez la modification de {native} par un ensemble d’autorisations, ou ne synchronisez pas ce champ.',
  },
  required: {
    message: `${CANNOT} Salesforce ne le laisse pas vide.`,
    remedy: 'Remplissez-le dans l’autre CRM.',
  },
  too_long: {
    message: `${CANNOT} le texte dépasse {most} caractères.`,
    remedy: 'Raccourcissez-le dans l’autre CRM.',
  },
  number_too_long: {
    message: 'Salesforce : un cumul du compte {account} a plus de chiffres qu’un champ numérique n’en garde.',
    remedy: 'Regardez les montants de ses opportunités : l’un d’eux n’est sans doute pas voulu.',
  },
  hidden_standard: {
    message: FIELD_HIDDEN,
    remedy:
      'Donnez la lecture et la modification du champ par un ensemble d’autorisations (sécurité au niveau du champ).',
  },
  hidden_owned: {
    message: FIELD_HIDDEN,
    remedy:
      'Lancez `oppsync provision` avec un administrateur, puis donnez à l’utilisateur d’intégration l’accès au champ par un ensemble d’autorisations.',
  },
  hidden_named: {
    message: FIELD_HIDDEN,
    remedy:
      'Corrigez le nom d’API dans la configuration, ou donnez à l’utilisateur d’intégration l’accès au champ.',
  },
  uneditable: {
    message:
      'L’utilisateur d’intégration Salesforce ne peut pas modifier le champ Opportunity.{native} ({field}).',
    remedy:
      'Donnez la modification de {native} par un ensemble d’autorisations, ou ne synchronisez pas ce champ.',
  },
  stages_unread: {
    message: 'Salesforce : les étapes ne peuvent pas être lues ; les fiches sont jugées sans elles ({code}).',
    remedy:
      'Donnez à l’utilisateur d’intégration la lecture de l’objet OpportunityStage, par un ensemble d’autorisations.',
  },
  users_unread: {
    message:
      'Salesforce : les utilisateurs ne peuvent pas être lus ; les propriétaires ne peuvent pas être écrits ({code}).',
    remedy:
      'Donnez à l’utilisateur d’intégration la lecture de l’objet User, par un ensemble d’autorisations.',
  },
  record_type_unread: {
    message:
      'Ce que propose le type d’enregistrement Salesforce « {label} » ne peut pas être lu ; les valeurs sont envoyées sans vérification ({code}).',
    remedy:
      'Donnez à l’utilisateur d’intégration l’accès à ce type, ou mettez recordTypes: ignore pour cette synchronisation.',
  },
  proof_hidden: {
    message:
      'L’utilisateur d’intégration Salesforce ne voit pas l’objet {object}, qui ne prouve donc rien, ni oui ni non.',
    remedy: 'Donnez-lui l’accès à {object} là où votre organisation s’en sert ; le reste est lu quand même.',
  },
  contact_hidden: {
    message:
      'L’utilisateur d’intégration Salesforce ne voit pas l’objet {object}, qui ne prouve donc aucun contact.',
    remedy:
      'Donnez-lui l’accès aux activités et aux champs de {object}, ou mettez evidence.activities à off.',
  },
  account_hidden: {
    message:
      'Salesforce : cet utilisateur ne voit pas le compte des opportunités (AccountId) : rien n’est cumulé.',
    remedy: 'Donnez-lui la lecture de Account Name sur Opportunity, ou désactivez rollups pour Salesforce.',
  },
  create_not_permitted: {
    message:
      'Des opportunités doivent être créées dans Salesforce, mais l’utilisateur d’intégration n’a pas le droit d’en créer.',
    remedy:
      'Donnez-lui l’autorisation Créer sur Opportunity par un ensemble d’autorisations, ou désactivez la création.',
  },
  key_missing: {
    message: `${NO_KEY} n’existe pas ou est caché à l’utilisateur d’intégration ; ${TWICE}`,
    remedy: KEY_REMEDY,
  },
  key_not_unique: {
    message: `${NO_KEY} n’est pas un identifiant externe unique ; ${TWICE}`,
    remedy: KEY_REMEDY,
  },
  key_uneditable: {
    message: `${NO_KEY} ne peut pas être modifié par l’utilisateur d’intégration ; ${TWICE}`,
    remedy: KEY_REMEDY,
  },
  field_not_unique: {
    message: 'Salesforce : {native} existe, mais n’est pas unique et ne peut pas distinguer les paires.',
    remedy: 'Rendez-le unique dans le gestionnaire d’objets, ou renommez-le et relancez `oppsync provision`.',
  },
  field_no_number: {
    message: 'Salesforce : {native} existe, mais n’est pas un champ numérique.',
    remedy: 'Faites-en un dans le gestionnaire d’objets, ou renommez-le et relancez `oppsync provision`.',
  },
  not_granted: {
    message: 'Salesforce : l’accès à {native} n’a pas pu être donné ({code}).',
    remedy:
      'L’utilisateur doit avoir « Manage Profiles and Permission Sets » ; relancez ensuite `oppsync provision`.',
  },
  may_not_permit: {
    message:
      'Salesforce : cet utilisateur n’a pas le droit de créer et d’attribuer un ensemble d’autorisations ({code}).',
    remedy: FORBIDDEN,
  },
  may_not_make_fields: {
    message: 'Salesforce : cet utilisateur n’a pas le droit de créer des champs personnalisés ({code}).',
    remedy: FORBIDDEN,
  },
  events_silent: {
    message: '{host} n’envoie rien depuis des minutes, pas même un signe de vie.',
    remedy: AGAIN,
  },
  events_broken: {
    message: 'Le flux des événements de changement de {host} s’est interrompu.',
    remedy: AGAIN,
  },
  events_position: {
    message: 'Salesforce ne connaît plus l’endroit atteint en dernier dans ses événements de changement.',
    remedy: 'Rien à faire : ce qui a changé entre-temps est lu.',
  },
  events_used_up: {
    message: 'L’organisation a épuisé les événements de changement qu’elle peut recevoir en 24 heures.',
    remedy: 'Cela reprend sans intervention ; les autres abonnés de l’organisation puisent au même quota.',
  },
  events_not_selected: {
    message: 'Salesforce ne laisse pas cet utilisateur suivre les changements des opportunités.',
    remedy:
      'Dans la configuration de Salesforce, choisissez Opportunity sous Change Data Capture, et laissez l’utilisateur d’intégration voir les opportunités.',
  },
  events_later: {
    message: '{host} demande de revenir plus tard pour les événements de changement.',
    remedy: AGAIN,
  },
  events_unreachable: {
    message: '{host} est injoignable pour les événements de changement.',
    remedy:
      'Un nouvel essai est fait sans intervention ; si cela dure, vérifiez que cette machine l’atteint par HTTP/2.',
  },
  events_ended: {
    message: '{host} a mis fin au flux des événements de changement ({code}).',
    remedy: AGAIN,
  },
};
