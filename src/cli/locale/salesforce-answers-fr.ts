import type { Sentence } from '../../core/told.ts';

const ASK_ADMIN_FIELD =
  'Donnez à l’utilisateur d’intégration la lecture et la modification du champ (ensemble d’autorisations, sécurité au niveau du champ), ou retirez le champ de la configuration.';
const SHORTEN = 'Corrigez la valeur dans l’autre CRM ou la correspondance, puis rejouez la fiche.';
const LATER = 'Relancez plus tard.';
const MY_DOMAIN = 'Mettez l’adresse My Domain (https://NAME.my.salesforce.com) comme url.';
const OTHER_LOGINS = 'Attendez ; cherchez ce qui se connecte encore avec le même utilisateur.';

/** Says, and what to do, by the code of the answer. */
const ANSWERS: Readonly<Record<string, readonly [says: string, remedy: string]>> = {
  INVALID_SESSION_ID: [
    'Salesforce n’accepte pas le jeton d’accès, pas même un nouveau',
    'Vérifiez la politique de session, les restrictions d’IP et l’autorisation API de l’application et de son utilisateur.',
  ],
  API_DISABLED_FOR_ORG: [
    'l’API n’est pas activée pour cette organisation ou cet utilisateur',
    'Prenez une édition avec accès API et donnez à l’utilisateur d’intégration l’autorisation « API Enabled ».',
  ],
  API_CURRENTLY_DISABLED: [
    'l’API est désactivée pour l’utilisateur d’intégration',
    'Donnez à l’utilisateur d’intégration l’autorisation « API Enabled ».',
  ],
  INSUFFICIENT_ACCESS: [
    'l’utilisateur d’intégration n’a pas ce droit',
    'Donnez à l’utilisateur d’intégration la lecture et la modification d’Opportunity.',
  ],
  INVALID_TYPE: [
    'l’utilisateur d’intégration ne voit pas un objet',
    'Donnez-lui la lecture de l’objet nommé, par un ensemble d’autorisations.',
  ],
  INVALID_FIELD: ['un champ n’existe pas ou est caché', ASK_ADMIN_FIELD],
  MALFORMED_QUERY: [
    'une requête n’a pas été comprise',
    'Vérifiez les noms de champs sous customFields et evidence dans la configuration.',
  ],
  UNSUPPORTED_API_VERSION: [
    'cette version de l’API n’est pas servie',
    'Mettez apiVersion à une version que l’organisation sert, par exemple 66.0.',
  ],
  QUERY_TIMEOUT: [
    'une requête a duré trop longtemps',
    'Relancez quand l’organisation est moins occupée ; si cela dure, restreignez la lecture.',
  ],
  QUERY_TOO_COMPLICATED: [
    'une requête lit trop de champs de formule à la fois',
    'Retirez des champs de formule de customFields ou d’evidence.',
  ],
  EXCEEDED_ID_LIMIT: [
    'trop de fiches ont changé dans un même intervalle',
    'Lancez une lecture complète plutôt qu’incrémentale.',
  ],
  INVALID_QUERY_LOCATOR: [
    'un résultat lu à moitié n’est plus conservé',
    'Rien à faire : la lecture reprend après la dernière fiche obtenue.',
  ],
  INVALID_REPLICATION_DATE: ['un intervalle de temps a été refusé', 'Vérifiez l’horloge de cette machine.'],
  SERVER_UNAVAILABLE: [
    'Salesforce est trop occupé pour répondre',
    'Relancez plus tard ; voyez trust.salesforce.com.',
  ],
  UNKNOWN_EXCEPTION: [
    'Salesforce a échoué de l’intérieur',
    'Relancez ; si cela dure, donnez l’ErrorId du message à l’assistance Salesforce.',
  ],
  TXN_SECURITY_METERING_ERROR: ['le contrôle de sécurité des transactions n’était pas disponible', LATER],
  UNABLE_TO_LOCK_ROW: [
    'la fiche ou son compte est restée verrouillée par une autre transaction',
    'Relancez ; si cela dure, cherchez quel automatisme tient le verrou.',
  ],
  CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY: [
    'un déclencheur ou un flux de l’organisation a échoué',
    'Montrez le message à la personne qui entretient l’automatisme, puis rejouez la fiche.',
  ],
  FIELD_CUSTOM_VALIDATION_EXCEPTION: [
    'une règle de validation a refusé le changement',
    'Satisfaites la règle dans Salesforce ou exemptez-en l’utilisateur d’intégration, puis rejouez la fiche.',
  ],
  REQUIRED_FIELD_MISSING: [
    'un champ obligatoire est vide',
    'Remplissez le champ dans Salesforce, puis rejouez la fiche.',
  ],
  STRING_TOO_LONG: ['un texte est trop long', SHORTEN],
  INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST: [
    'une valeur n’est pas dans la liste restreinte',
    'Ajoutez la valeur à la liste de sélection (et au type d’enregistrement), ou associez-la à une qui existe.',
  ],
  INVALID_FIELD_FOR_INSERT_UPDATE: ['un champ ne peut pas être écrit', ASK_ADMIN_FIELD],
  NUMBER_OUTSIDE_VALID_RANGE: ['un nombre est hors limites', SHORTEN],
  INVALID_CROSS_REFERENCE_KEY: [
    'une fiche référencée n’existe pas ou n’est pas visible',
    'Vérifiez le propriétaire et le type d’enregistrement de l’opportunité, puis rejouez la fiche.',
  ],
  INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY: [
    'l’utilisateur d’intégration n’a pas le droit d’utiliser une fiche référencée',
    'Partagez la fiche (propriétaire, compte) avec l’utilisateur d’intégration, puis rejouez.',
  ],
  INSUFFICIENT_ACCESS_OR_READONLY: [
    'l’utilisateur d’intégration n’a pas le droit de modifier cette fiche',
    'Partagez l’opportunité en modification avec l’utilisateur d’intégration, puis rejouez la fiche.',
  ],
  INACTIVE_OWNER_OR_USER: [
    'le propriétaire n’est pas un utilisateur actif',
    'Donnez à l’opportunité un propriétaire actif, ou associez le propriétaire à un qui l’est, puis rejouez la fiche.',
  ],
  DUPLICATE_VALUE: [
    'une autre fiche porte déjà une valeur qui doit être unique',
    'Trouvez l’autre fiche nommée dans le message ; séparez l’une des deux, puis rejouez.',
  ],
  DUPLICATES_DETECTED: [
    'une règle de doublons a refusé le changement',
    'Réglez le doublon dans Salesforce ou laissez l’utilisateur d’intégration passer la règle, puis rejouez.',
  ],
  MALFORMED_ID: ['un identifiant n’est pas valide', 'Séparez la paire et associez-la de nouveau.'],
  ENTITY_IS_DELETED: [
    'la fiche a été supprimée',
    'Restaurez-la depuis la corbeille, ou laissez la paire prendre fin.',
  ],
  NOT_FOUND: [
    'la fiche n’existe pas ou n’est pas partagée avec l’utilisateur d’intégration',
    'Vérifiez le partage de la fiche ; laissez la paire prendre fin si elle a été supprimée.',
  ],
  login_invalid_client_id: [
    'Salesforce ne connaît pas l’identifiant client',
    'Copiez de nouveau la clé consommateur de l’External Client App ; une nouvelle application demande jusqu’à dix minutes.',
  ],
  login_invalid_client: [
    'Salesforce a refusé l’identifiant client ou le secret client',
    'Copiez de nouveau la clé et le secret consommateur de l’External Client App.',
  ],
  login_invalid_grant: [
    'Salesforce a refusé la connexion',
    'Vérifiez l’application, son utilisateur et les identifiants dans la configuration.',
  ],
  login_invalid_request: ['Salesforce n’a pas accepté la demande de connexion', MY_DOMAIN],
  login_unsupported_grant_type: [
    'cette façon de se connecter n’est pas activée pour l’application',
    'Activez le flux dans les réglages OAuth de l’External Client App.',
  ],
  login_inactive_user: [
    'l’utilisateur d’intégration n’est pas actif',
    'Activez l’utilisateur, ou choisissez un autre utilisateur Run-As dans l’application.',
  ],
  login_inactive_org: [
    'l’organisation est verrouillée, fermée ou suspendue',
    'Demandez à Salesforce ou au propriétaire de l’organisation.',
  ],
  login_rate_limit_exceeded: ['trop de connexions de cet utilisateur dans la dernière heure', OTHER_LOGINS],
  login_no_run_as_user: [
    'l’application n’a pas d’utilisateur au nom duquel agir',
    'Activez le flux client-credentials dans l’External Client App et choisissez un utilisateur Run-As.',
  ],
  login_not_authorised: [
    'l’utilisateur n’est pas préautorisé pour l’application',
    'Mettez l’application sur « admin approved users are pre-authorized » et attribuez-lui l’utilisateur par un ensemble d’autorisations.',
  ],
  login_audience: [
    'l’audience du jeton signé n’est pas cette organisation',
    'Mettez audience à https://login.salesforce.com, ou à https://test.salesforce.com pour une sandbox.',
  ],
  login_refresh_token_expired: [
    'le jeton de renouvellement n’est plus valide',
    'Autorisez de nouveau l’application et enregistrez le nouveau jeton de renouvellement.',
  ],
  login_user_locked: [
    'l’utilisateur d’intégration est verrouillé',
    'Déverrouillez l’utilisateur dans la configuration de Salesforce.',
  ],
  login_too_many_logins: ['trop de connexions de cet utilisateur dans la dernière heure', OTHER_LOGINS],
  login_assertion: [
    'le jeton signé n’a pas été accepté',
    'Comparez la clé privée au certificat de l’application, et vérifiez l’horloge de cette machine.',
  ],
  login_my_domain: ['cette connexion n’est possible que sur le My Domain de l’organisation', MY_DOMAIN],
  concurrent: [
    'trop d’appels longs tournent en même temps dans cette organisation Salesforce',
    'Rien à faire, sauf si cela dure : cherchez alors quelle intégration fait des appels longs.',
  ],
  day_used_up: [
    'le nombre journalier d’appels API de cette organisation Salesforce est épuisé',
    'Attendez que des appels des dernières 24 heures sortent du compte, ou achetez-en ; l’exécution reprend où elle s’est arrêtée.',
  ],
  row_limit: ['une limite de l’organisation a été atteinte', LATER],
  row_refused: [
    'Salesforce a refusé le changement',
    'Cherchez le code dans le guide de l’API REST de Salesforce, corrigez la fiche, puis rejouez-la.',
  ],
  no_server: [
    'aucun serveur Salesforce ne répond pour cette organisation',
    'Vérifiez que l’organisation (une sandbox ?) existe encore sous l’url de la configuration.',
  ],
  foreign_answer: [
    'Salesforce a donné une réponse qui n’est pas de l’API (HTTP {status})',
    'Relancez plus tard ; voyez trust.salesforce.com. Si cela dure, vérifiez l’url dans la configuration.',
  ],
  call_refused: [
    'Salesforce a refusé un appel (HTTP {status})',
    'Cherchez le code dans le guide de l’API REST de Salesforce ; vérifiez les autorisations de l’utilisateur d’intégration.',
  ],
};

/** What answers of Salesforce mean, in French, with Salesforce's own words behind. English: src/connectors/salesforce/vendor-codes.ts. */
export const SALESFORCE_ANSWERS_FR: Readonly<Record<string, Sentence>> = Object.fromEntries(
  Object.entries(ANSWERS).map(([what, [says, remedy]]) => [
    what,
    { message: `[Opportunité {record} : ][Compte {account} : ]${says}[ : {words}].`, remedy },
  ]),
);
