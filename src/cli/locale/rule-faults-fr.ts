import type { RuleFaultName } from '../../core/rule-faults.ts';

/** What can be wrong in a rule file, in French. English: src/core/rule-faults.ts. */
export const RULE_FAULTS_FR: Readonly<Record<RuleFaultName, string>> = {
  too_long: 'un profil compte au plus {most} caractères ; celui-ci en a {found}',
  twice: 'le profil {name} existe deux fois ; donnez un autre nom à l’un des deux',
  circle: 'ces profils s’étendent en cercle ; faites étendre un profil fourni à l’un d’eux',
  yaml: 'Ce n’est pas du YAML valide ({detail}) ; comparez la ligne avec l’exemple du guide des règles',
  yaml_tab: 'Une tabulation ne peut pas indenter ; utilisez des espaces',
  yaml_duplicate: 'Cette clé est écrite deux fois, or une clé doit être unique ; gardez l’une des deux',
  yaml_indent:
    'Le retrait ne suit pas celui des lignes au-dessus ; commencez à la même colonne les lignes qui vont ensemble',
  yaml_missing_char:
    'Un guillemet, un crochet, une virgule ou un deux-points manque ; fermez ce qui est ouvert',
  yaml_nested:
    'Un deux-points et une espace commencent une clé, or il y en a déjà une ici ; mettez le texte entre guillemets, ou commencez une ligne',
  yaml_no_colon:
    'Une clé doit être suivie d’un deux-points et d’une espace sur la même ligne, comme name: ours',
  yaml_unexpected:
    'Ceci n’était pas attendu ici ; mettez entre guillemets un texte qui contient : # { [ ou des guillemets',
  yaml_quotes: 'Un texte ne peut pas commencer par ce caractère ; mettez-le entre guillemets',
  yaml_alias:
    'Un alias (*) ne désigne rien ici ou sert trop souvent ; mettez entre guillemets un texte qui commence par *',

  unknown_key: 'Clé inconnue {key}[ ; vouliez-vous dire {near} ?][ (connues ici : {known})]',
  missing: '{key} manque ici[ ; ajoutez {example}]',
  not_a_profile: 'Un profil se compose de lignes telles que name: ours ; ceci est autre chose',
  not_a_group: '{key} doit être suivi de lignes de la forme clé: valeur, en retrait en dessous',
  too_many: '{key} compte au plus {most} entrées',
  not_text: '{key} doit être un texte ; mettez-le entre guillemets',
  not_a_name: '{key} doit être un nom court fait de lettres, chiffres, - et _, tel que gone-quiet',
  not_days: '{key} doit être un nombre entier de jours, de 0 à 3650',
  not_one_of: '{key} doit être l’un de {allowed}[ ; {found} n’en fait pas partie]',
  not_yes_or_no: '{key} doit être true ou false',
  not_a_list: '{key} doit être une liste d’au plus {most} éléments, commençant chacun par un tiret',
  empty_effect:
    'un effet (effect) demande une phase (phase), une issue (outcome) ou un signal (flag), par exemple flag: gone_quiet',
  evidence_name:
    '{name} ne peut pas être le nom d’une preuve ; commencez par une lettre et n’utilisez que des lettres, chiffres et _, comme poReceived',
  evidence_taken: '{name} est déjà une variable de tous les profils ; choisissez un autre nom',
  criterion_name:
    '{name} ne peut pas être le nom d’un critère ; commencez par une lettre et n’utilisez que des lettres, chiffres, - et _',
  rule_twice: 'La règle {id} existe deux fois ; donnez à chaque règle son propre id',
  days_crossed: 'quietDays ({quiet}) ne doit pas être inférieur à engagedDays ({engaged})',
  unknown_parent: 'Il n’y a pas de profil {name} à étendre[ ; vouliez-vous dire {near} ?][ ; il y a {known}]',

  long_condition:
    'Une condition compte au plus {most} caractères ; celle-ci en a {found}. Faites-en deux règles',
  large_condition: 'La condition est trop grande ou trop imbriquée ; faites-en plusieurs règles',
  unknown_variable:
    'Variable inconnue {name}[ ; vouliez-vous dire {near} ?][ ; un texte s’écrit entre guillemets, et {guide} liste les variables]',
  not_a_decision:
    'Une condition doit être vraie ou fausse ; celle-ci donne une valeur de type {type}. Comparez-la, comme {example}',
  number_point: 'Deux sortes de nombres se rencontrent ici ; écrivez les nombres avec un point, comme 5.0',
  types:
    '{operation} : les deux côtés doivent être de même type ; écrivez les textes entre guillemets et les nombres sans',
  single_equals: 'Un seul = ne compare rien ; écrivez ==',
  curly_quotes: 'Les guillemets doivent être droits ; écrivez "…"',
  words_for_signs: 'Écrivez && pour « et », || pour « ou », ! pour « non »',
  incomplete: 'La condition est incomplète ; il manque quelque chose à la fin',
  unexpected: 'Ceci n’était pas attendu ici : {found}',
  open_quote: 'Un guillemet est ouvert et jamais fermé ; fermez-le sur la même ligne',
  reserved: '{name} est un mot du langage des règles ; choisissez un autre nom',
  unclear: 'Ceci ne peut pas être compris ({detail})',
  no_dots:
    'Un nom n’a ni point ni crochets, car une variable ne contient rien d’autre ; écrivez un nom simple tel que stageLabel',
  lone_list: 'Une liste ne s’emploie qu’après « in », comme stageLabel in ["A", "B"]',
  after_in: 'Après « in » il faut une liste telle que ["A", "B"]',
  no_map: 'Une règle ne peut pas utiliser { } ; pour comparer avec plusieurs valeurs, écrivez in ["A", "B"]',
  no_operator: 'Une règle ne peut pas utiliser {operator} ; sont permis && || ! == != < <= > >= + - * / in',
  no_null: 'Une règle ne peut pas utiliser null ; écrivez known(nom) pour demander s’il y a une valeur',
  no_value: 'Une règle ne peut utiliser que true, false, des nombres et du texte',
  no_call: 'Une règle ne peut pas appeler {name} ; sont permis known(nom) et size(texte)',
  no_text_call:
    'Une règle ne peut pas appeler {name} ; sur un texte sont permis startsWith, endsWith et contains',
};
