import type { RULES_EN } from './rules-en.ts';

/** What the commands about rules, stages and own fields say, in French. */
export const RULES_FR: Readonly<Record<keyof typeof RULES_EN, string>> = {
  'command.classify':
    'verdicts sur des fiches exportées, hors ligne : lignes de données en entrée, verdicts en sortie',
  'command.stages': 'chaque étape des deux CRM : ce qu’elle signifie, et ce qui est étrange',
  'command.provision': 'montrer, puis créer les champs propres à oppsync dans les deux CRM',
  'option.classify_profile':
    'standard, consulting, agency, fundraising, strict, ou le chemin d’un profil (défaut : standard)',
  'option.classify_as_of': 'juger à la fin de ce jour, ou à cet instant (défaut : maintenant)',
  'option.label_language':
    'langue des noms d’étapes qui n’indiquent pas la leur, comme fr (défaut : détectée)',
  'option.yes': 'créer sans demander',
  'provision.title': 'les champs propres à oppsync dans {crm}',
  'provision.field': 'champ',
  'provision.native': 'nom là-bas',
  'provision.state': 'état',
  'provision.ready': 'prêt',
  'provision.missing': 'absent : sera créé',
  'provision.not_permitted': 'présent, mais cet utilisateur ne peut pas l’écrire : l’accès sera donné',
  'provision.unsuitable': 'présent, mais du mauvais type',
  'provision.made': 'créé',
  'provision.still_missing': 'toujours absent',
  'provision.still_not_permitted': 'présent, mais cet utilisateur ne peut pas l’écrire',
  'provision.complete': 'Tous les champs sont en place ; rien à créer.',
  'provision.ask': 'Créer ce qui manque ? [o/N] ',
  'provision.answers': 'o,oui',
  'provision.how': 'Rien n’a été créé. Pour créer ce qui manque : oppsync provision --yes',
  'provision.done': 'Fait : {made} créés ou autorisés.',
  'provision.permission_set':
    'Dans Salesforce, seuls les utilisateurs qui ont l’ensemble d’autorisations Oppsync voient ces champs ; attribuez-le à qui doit les voir.',
  'provision.incomplete': 'Tout n’a pas pu être fait :',
  'usage.moment': '{option} : un jour (AAAA-MM-JJ) ou un instant avec son fuseau attendu, trouvé {given}',
  'usage.bad_line': 'ligne {line} : {reason}',
  'usage.bad_line_remedy': 'corrigez la ligne, ou laissez de côté les lignes illisibles avec --skip-bad',
  'line.not_utf8': 'ce n’est pas du texte UTF-8',
  'line.not_json': 'ce n’est pas du JSON : {found}',
  'line.not_object':
    'un objet comme {"crm":"hubspot","type":"deal","fields":{…}} était attendu, trouvé {found}',
  'line.crm': '"crm" doit être "salesforce" ou "hubspot", trouvé {found}',
  'line.type': '"type" doit nommer un type de fiche comme "deal", trouvé {found}',
  'line.near_type': 'type inconnu {found} ; vouliez-vous dire {near} ?',
  'line.fields': '"fields" doit être un objet de noms de champs natifs et de valeurs',
  'line.no_id': 'cette fiche ({type}) n’a pas d’identifiant',
  'line.label': '"label" doit être un texte',
  'line.too_deep': 'ses valeurs sont trop imbriquées',
};
