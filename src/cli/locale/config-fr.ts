import type { ProblemCode } from '../../../config/sentences.ts';

/** The sentences of configuration problems in French. English ones live with the configuration itself. */
export const CONFIG_FR: Readonly<Record<ProblemCode, string>> = {
  missing_file:
    'pas de configuration : {file} introuvable dans {dir} ; lancez `oppsync sandbox --write-config oppsync.yaml` pour essayer avec des CRM simulés, ou copiez config/oppsync.example.yaml',
  unreadable_file: 'le fichier ne peut pas être lu ({reason})',
  not_utf8: 'le fichier n’est pas du texte UTF-8',
  yaml: 'ce n’est pas du YAML valide : {detail}',
  yaml_tab: 'une tabulation ne peut pas indenter du YAML ; utilisez des espaces',
  yaml_duplicate: 'la clé {key} est écrite deux fois au même endroit',
  yaml_unclosed: 'un guillemet ou un crochet est ouvert mais jamais fermé',
  missing: 'manque ; attendu : {expected}',
  wrong_type: 'attendu : {expected}, trouvé : {found}',
  not_allowed: 'attendu : {expected}, trouvé : {found}[ ; vouliez-vous dire {near} ?]',
  unknown_key: 'clé inconnue {key}[ ; vouliez-vous dire {near} ?][ (connues ici : {known})]',
  range: 'attendu : {expected}, trouvé : {found}',
  wrong_count: 'exactement deux connexions attendues, trouvé : {found}',
  unknown_connection:
    'aucune connexion ne s’appelle {found}[ ; vouliez-vous dire {near} ?][ (connexions : {known})]',
  same_crm: 'les deux connexions sont des comptes {crm} ; une synchronisation relie deux CRM différents',
  unknown_side: '{found} n’est pas un CRM de cette synchronisation ; attendu : {expected}',
  custom_kind: 'un champ personnalisé demande un genre (kind) : {expected}',
  custom_native: 'un champ personnalisé demande son nom natif dans {crm}, par exemple native: { {crm}: … }',
  standard_native: 'un champ standard ne prend pas {key} ; son nom dans chaque CRM est connu',
  time_zone: 'fuseau horaire IANA attendu, tel que Europe/Paris, trouvé : {found}',
  cron: 'motif cron de cinq parties attendu, tel que "0 2 * * *", trouvé : {found}',
  address: 'adresse attendue, telle que {expected}',
  variable_missing: 'la variable d’environnement {name} n’est pas définie',
  variable_file: 'le fichier nommé par {name} ne peut pas être lu ({reason})',
  variable_twice: '{name} et {name}_FILE sont toutes deux définies ; gardez-en une',
  unknown_variable:
    'la variable d’environnement {name} ne désigne aucun réglage[ ; vouliez-vous dire {near} ?]',
};

/** What the schema calls what it expected or found, in French; values of the file stay as they are. */
const WORDS_FR: Readonly<Record<string, string>> = {
  text: 'du texte',
  'a string': 'du texte',
  'a number': 'un nombre',
  'a whole number': 'un nombre entier',
  'true or false': 'true ou false',
  'a boolean': 'true ou false',
  'a list': 'une liste',
  'a group of keys': 'un groupe de clés',
  nothing: 'rien',
  'text that is not empty': 'un texte qui n’est pas vide',
};

/** The words for what was expected or found; `at least 1`, and several ones joined by `or`, part by part. */
export function configWordsFr(text: string): string {
  const known = WORDS_FR[text];
  if (known !== undefined) return known;
  const limit = /^at (least|most) (\S+)$/.exec(text);
  if (limit !== null) return `${limit[1] === 'least' ? 'au moins' : 'au plus'} ${limit[2]}`;
  const parts = text.split(' or ');
  return parts.length > 1 && parts.every((part) => Object.hasOwn(WORDS_FR, part))
    ? parts.map((part) => WORDS_FR[part]).join(' ou ')
    : text;
}
