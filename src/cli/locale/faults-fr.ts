import type { FaultName } from '../../core/fault-sentences.ts';
import type { Sentence } from '../../core/told.ts';

const NEW_PLAN = 'faites-en un nouveau avec `oppsync plan` et appliquez son empreinte';
const CANNOT_APPLY = 'le plan {digest} ne peut pas être appliqué :';
const ITS_PROGRESS = 'attendez qu’elle se termine ; `oppsync runs` montre où elle en est';
const AGAIN = 'relancez-la ; ce qui est fait reste fait';
const RUNS = '`oppsync runs` liste les exécutions et ce qu’elles ont écrit';
const OWN_DATABASE = 'ou donnez DATABASE_URL pour utiliser votre propre PostgreSQL.';

/** What can be said when a command or a run cannot go on, in French. English: src/core/fault-sentences.ts. */
export const FAULTS_FR: Readonly<Record<FaultName, Sentence>> = {
  'plan.unknown': {
    message: 'il n’y a pas de plan {digest}',
    remedy: 'faites-en un avec `oppsync plan`',
  },
  'plan.digest_too_short': {
    message: `${CANNOT_APPLY} une empreinte compte au moins {least} caractères`,
    remedy: NEW_PLAN,
  },
  'plan.none': {
    message: `${CANNOT_APPLY} la synchronisation {sync} n’a pas de plan de cette empreinte`,
    remedy: NEW_PLAN,
  },
  'plan.applied': { message: `${CANNOT_APPLY} il a déjà été appliqué`, remedy: NEW_PLAN },
  'plan.superseded': {
    message: `${CANNOT_APPLY} un plan plus récent a pris sa place`,
    remedy: NEW_PLAN,
  },
  'plan.expired': { message: `${CANNOT_APPLY} il a expiré`, remedy: NEW_PLAN },
  'run.going_on': {
    message: 'la synchronisation {sync} est déjà en cours (exécution {run}, lancée par {by})',
    remedy: ITS_PROGRESS,
  },
  'run.pairs_meanwhile': {
    message:
      'la synchronisation {sync} est en cours (exécution {run}, lancée par {by}) ; les paires ne peuvent pas être changées entre-temps',
    remedy: 'attendez qu’elle se termine, puis décidez de nouveau',
  },
  'run.started_elsewhere': {
    message: 'une exécution de la synchronisation {sync} vient d’être lancée ailleurs au même instant',
    remedy: ITS_PROGRESS,
  },
  'run.internal': {
    message: 'une faute d’oppsync : {words}',
    remedy: 'voyez le journal du processus qui l’a lancée',
  },
  'run.failed': { message: 'l’exécution {run} a échoué', remedy: AGAIN },
  'run.interrupted': {
    message: 'l’exécution {run} a été terminée par un autre processus avant sa fin',
    remedy: AGAIN,
  },
  'undo.nothing': { message: 'l’exécution {run} n’a rien écrit qui puisse être repris', remedy: RUNS },
  'undo.unknown_run': {
    message: 'la synchronisation {sync} n’a pas d’exécution {run}',
    remedy: RUNS,
  },
  'conflict.unknown': {
    message: 'il n’y a pas de conflit ouvert {id}',
    remedy: '`oppsync conflicts` les liste',
  },
  'conflict.use': { message: 'aucun côté ne s’appelle {use}', remedy: 'choisissez parmi : {sides}' },
  'conflict.deleted': {
    message: '{field} de {name} : l’une des deux fiches a été supprimée et n’est jamais recréée',
    remedy: 'restaurez-la dans son CRM, supprimez l’autre aussi, ou séparez-les avec `oppsync pair apart`',
  },
  'conflict.stage_value': {
    message: '{field} de {name} : une étape a une autre clé dans chaque CRM',
    remedy: 'dites quel côté a raison : --use {sides}',
  },
  'quarantine.unknown': {
    message: 'la fiche {id} n’est pas en quarantaine',
    remedy: '`oppsync quarantine` liste celles qui y sont',
  },
  'create.not_possible': {
    message: 'aucune fiche ne peut être créée dans {crm}',
    remedy: 'retirez {side} des réglages create de la synchronisation',
  },
  'create.no_key_field': {
    message:
      'des fiches doivent être créées dans {to}, mais {crm} n’a pas de champ de clé de paire qui puisse être écrit',
    remedy: 'créez les champs d’oppsync avec `oppsync provision`, ou désactivez la création',
  },
  'stage.unreadable': {
    message: '{crm} ne montre pas l’étape de ses fiches',
    remedy: 'donnez à l’utilisateur de {crm} le droit de lire l’étape',
  },
  'quota.cannot_fit': {
    message:
      'l’exécution demande environ {needed} appels à {crm} et il en reste {left} ({used} sur {limit} sont utilisés, {reserve} % sont gardés pour d’autres)',
    remedy: 'lancez-la après {when} UTC, ou mettez un `reserve` plus petit à cette connexion',
  },
  'quota.daily': {
    message:
      'les appels du jour à {crm} sont épuisés ({used} sur {limit}, {reserve} % sont laissés à d’autres) ; l’exécution attend et peut reprendre à {when} UTC',
    remedy:
      'relancez la même exécution après cela : elle reprend où elle s’est arrêtée ; ou mettez un `reserve` plus petit à cette connexion',
  },
  'quota.never_fits': {
    message:
      'l’exécution demande environ {needed} appels à {crm}, plus qu’une journée entière n’en permet ({limit}, dont {reserve} % sont gardés pour les autres)',
    remedy: 'mettez un `reserve` plus petit à cette connexion, ou faites relever le quota d’appels du compte',
  },
  'quota.unreachable': {
    message: 'l’endroit où tous les processus partagent le quota du CRM est injoignable : {words}',
    remedy: 'vérifiez Redis (REDIS_URL), ou la base de données s’il n’y en a pas',
  },
  'config.crm': {
    message: '{path}.crm : oppsync ne sait pas parler à « {found} »',
    remedy: 'choisissez parmi : {known}',
  },
  'config.evidence': {
    message:
      '{path} : des noms de preuves étaient attendus, chacun avec un champ, ou avec un champ et les valeurs qui veulent dire oui.',
    remedy: 'Écrivez contractSigned: Contract_Signed__c, ou paid: {field: Payment_Status__c, yes: [Paid]}.',
  },
  'config.rollup_rates': {
    message: 'la table de taux des cumuls, {file}, ne peut pas être lue ({reason})',
    remedy: 'mettez dans rollupRates.file un fichier avec date,currency,rate, ou retirez rollupRates',
  },
  'profile.unreadable': {
    message: 'Le profil {file} ne peut pas être lu ({reason}).',
    remedy: 'Corrigez le chemin ; il est cherché à partir de {folder}.',
  },
  'profile.unknown': {
    message: 'Aucun profil ne s’appelle « {name} »[ ; vouliez-vous dire {near} ?]',
    remedy: 'Choisissez parmi {known}, ou donnez le chemin d’un fichier en .yaml.',
  },
  'http.EADDRINUSE': {
    message: 'le port {port} sur {host} est occupé',
    remedy:
      'arrêtez le programme qui l’utilise, ou choisissez un autre port avec http.port ou OPPSYNC_HTTP_PORT',
  },
  'http.EACCES': {
    message: 'le port {port} sur {host} n’est pas permis à cet utilisateur',
    remedy: 'choisissez un port au-dessus de 1023 avec http.port ou OPPSYNC_HTTP_PORT',
  },
  'http.EADDRNOTAVAIL': {
    message: '{host} n’est pas une adresse de cette machine',
    remedy: 'mettez dans http.host une adresse de cette machine, ou 0.0.0.0 pour toutes',
  },
  'http.listen': {
    message: 'impossible d’écouter sur {host}:{port} ({reason})',
    remedy: 'vérifiez http.host et http.port',
  },
  'queue.url': {
    message: 'REDIS_URL n’est pas une adresse Redis.',
    remedy: 'Écrivez-la redis://user:password@host:port/0.',
  },
  'queue.evicts': {
    message: 'Redis ({where}) peut jeter des tâches quand sa mémoire est pleine (maxmemory-policy {policy}).',
    remedy: 'Mettez « maxmemory-policy noeviction » dans redis.conf, ou donnez à oppsync un Redis à lui.',
  },
  'queue.unreachable': {
    message: 'La file d’attente est injoignable ({where}) : {words}.',
    remedy:
      'Vérifiez qu’elle tourne et que cette machine peut s’y connecter (REDIS_URL, ou DATABASE_URL s’il n’y en a pas).',
  },
  'database.url': {
    message: 'DATABASE_URL n’est pas une adresse PostgreSQL.',
    remedy: 'Écrivez-la postgres://user:password@host:port/database.',
  },
  'database.version': {
    message: 'La base de données ({where}) est un PostgreSQL {version} ; oppsync demande {oldest} ou plus.',
    remedy: 'Mettez-la à niveau, ou retirez DATABASE_URL pour utiliser la base intégrée.',
  },
  'database.refused': {
    message: 'La base de données ({where}) a refusé la connexion : {words}.',
    remedy: 'Vérifiez l’utilisateur, le mot de passe et le nom de la base dans DATABASE_URL.',
  },
  'database.unreachable': {
    message: 'La base de données est injoignable ({where}) : {words}.',
    remedy: 'Vérifiez qu’elle tourne et que cette machine peut s’y connecter (DATABASE_URL).',
  },
  'database.lost': {
    message: 'La base de données n’est plus joignable : {words}.',
    remedy: 'Vérifiez qu’elle tourne ; oppsync reprend où il s’est arrêté.',
  },
  'database.full': {
    message: 'Le disque de la base de données est plein : {words}.',
    remedy: 'Faites-y de la place ; oppsync reprend là où il s’était arrêté.',
  },
  'database.newer': {
    message:
      'La base de données a été portée à {reached} par un oppsync plus récent ; celui-ci connaît {known} migrations.',
    remedy:
      'Lancez l’oppsync plus récent ; revenir en arrière demande de restaurer une sauvegarde faite par cette version.',
  },
  'database.migration-edited': {
    message: 'La migration {file} diffère de celle qui a fait cette base ({row}).',
    remedy:
      'Remettez le fichier tel que publié ; un changement de tables va dans un nouveau fichier au numéro suivant.',
  },
  'database.migration-name': {
    message: 'Le fichier de migration {file} devrait porter le numéro {wanted}, comme 0001_name.sql.',
    remedy: 'Numérotez les fichiers sans trou ni répétition.',
  },
  'database.initdb': {
    message: 'La base intégrée n’a pas pu être créée dans {folder} : {words}',
    remedy: `Réglez la cause que nomme la base, ${OWN_DATABASE}`,
  },
  'database.made_by_other': {
    message:
      'Les données de {folder} ont été faites par PostgreSQL {made} ; cet oppsync apporte PostgreSQL {brought}.',
    remedy:
      'Continuez avec l’oppsync qui les a faites, ou sortez-les avec le pg_dump de PostgreSQL {made} et relisez-les dans une base vide donnée par DATABASE_URL.',
  },
  'database.folder': {
    message: 'Le dossier de la base intégrée ne peut pas servir : {words}',
    remedy: 'Mettez dans OPPSYNC_DATA_DIR un dossier où vous pouvez écrire, ou donnez DATABASE_URL.',
  },
  'database.locked': {
    message:
      'La base intégrée est en train d’être lancée ou arrêtée par {who}, depuis trop longtemps ({path}).',
    remedy: 'Attendez ce processus, ou terminez-le et réessayez.',
  },
  'database.start': {
    message: 'La base intégrée n’a pas démarré ({reason}) : {words}',
    remedy: `Voyez {file} ; réglez la cause, ${OWN_DATABASE}`,
  },
  'database.in_use': {
    message: 'La base intégrée dans {folder} n’a pas pu être lancée : son dossier ou son port reste occupé.',
    remedy: `Voyez dans {file} qui les tient, ${OWN_DATABASE}`,
  },
  'database.not-installed': {
    message: 'Aucun PostgreSQL n’est installé pour ce système ({name}).',
    remedy: `Lancez npm ci avec les dépendances optionnelles, ${OWN_DATABASE}`,
  },
  'database.no-account': {
    message:
      'La base intégrée ne peut pas tourner en root, et ce système n’a ni compte « postgres » ni compte « nobody ».',
    remedy: 'Lancez oppsync en utilisateur ordinaire, ou donnez DATABASE_URL.',
  },
  'database.copy': {
    message: 'Le programme de la base n’a pas pu être copié vers {to} : {words}',
    remedy:
      'Rendez {folder} accessible en écriture, lancez oppsync en utilisateur ordinaire, ou donnez DATABASE_URL.',
  },
  'rules.invalid': {
    message: 'Le fichier de règles {file} ne peut pas être utilisé.',
    remedy: 'Corrigez {file}, puis réessayez avec oppsync classify --profile.',
  },
  'dictionary.json': {
    message: '{file} n’est pas du JSON valide ({words}).',
    remedy: 'Fermez chaque guillemet et crochet, et séparez les entrées par des virgules.',
  },
  'dictionary.key': {
    message: '{file} : clé inconnue {key}.',
    remedy: 'Utilisez l’une de {known}.',
  },
  'dictionary.language': {
    message: '{file} : language doit être un code.',
    remedy: 'Écrivez-le sous la forme "language": "fr".',
  },
  'dictionary.accents': {
    message: '{file} : accents doit être "fold" ou "keep".',
    remedy: 'Écrivez "fold" là où é peut s’écrire e, et "keep" là où cela ferait un autre mot.',
  },
  'dictionary.phase': {
    message: '{file} : {key} n’a pas de phase {phase}.',
    remedy: 'Utilisez l’une de {known}.',
  },
  'dictionary.object': {
    message: '{file} : {key} doit être un objet.',
    remedy: 'Écrivez-le entre accolades, par exemple {"words": ["won"]}.',
  },
  'dictionary.list': {
    message: '{file} : {key} doit être une liste de textes.',
    remedy: 'Écrivez-la entre crochets, chaque texte entre guillemets, par exemple ["won", "signed"].',
  },
  'rule.failed': {
    message: 'La règle {rule} du profil {profile} a échoué sur cette fiche : {words}.',
    remedy: 'Corrigez la condition `{condition}`, puis rejouez les fiches en quarantaine.',
  },
};
