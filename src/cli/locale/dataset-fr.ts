import type { DatasetFault } from '../../sandbox/dataset-faults.ts';

const FORM = '{"crm":"salesforce|hubspot","type":"…","fields":{…}}';
const NEAR = '[ ; vouliez-vous dire « {near} » ?][ ; sont connus {known}]';

/** What can be wrong in a dataset line, in French. English: src/sandbox/dataset-faults.ts. */
export const DATASET_FR: Readonly<Record<DatasetFault, string>> = {
  not_json: `ce n’est pas du JSON ({detail}) ; attendu : ${FORM}`,
  not_a_line: `attendu : ${FORM}, trouvé : {found}`,
  outer_key: `clé inconnue « {key} » à côté des champs ; attendu : ${FORM}`,
  crm: '"crm" : trouvé {found} ; attendu : "salesforce" ou "hubspot"',
  type: '"type" : trouvé {found} ; attendu : le nom d’un type d’enregistrement, tel que "deal"',
  fields: '"fields" doit être un objet de noms de champs natifs et de valeurs, trouvé : {found}',
  deleted: '"deleted" : trouvé {found} ; attendu : true ou false',
  associations: '"associations" doit être {"companies":[ID, …]}, trouvé : {found}',
  association: 'association inconnue « {name} » ; attendu : {"companies":[ID, …]}',
  companies: '"associations.companies" doit être une liste d’identifiants',
  company: '"associations.companies" contient {found} ; attendu : un identifiant',
  deep: 'des valeurs sont imbriquées sur plus de {most} niveaux',
  big_number: 'un nombre est trop grand pour être gardé exactement ; écrivez-le comme un texte',
  half_character: 'un texte contient la moitié d’un caractère, qu’aucun CRM ne garderait',
  forbidden_key: 'la clé « {key} » n’est pas permise',
  long_line: 'la ligne dépasse {most} Mo ; un enregistrement tient dans bien moins',
  not_utf8: 'la ligne n’est pas de l’UTF-8 valide ; enregistrez le fichier en UTF-8',
  unknown_type: 'type inconnu « {type} » pour {crm} ; le plus proche est « {near} »',
  unknown_key: 'clé inconnue « {name} » pour {what} ; la plus proche est « {near} »',
  unknown_property:
    'clé inconnue « {name} » pour {what} ; la plus proche est « {near} » (une propriété à vous demande une ligne property avant les enregistrements)',
  needed: '{what} demande « {name} »',
  owner_id: 'l’identifiant « {id} » n’est pas celui d’un propriétaire HubSpot : uniquement des chiffres',
  record_id:
    'l’identifiant « {id} » de {what} n’est pas celui d’un enregistrement HubSpot : uniquement des chiffres, 16 au plus',
  id_twice: 'deux lignes {what} portent l’identifiant {id}',
  unique: '« {name} » doit être unique, or « {value} » est pris par {id}',
  bad_value: '« {name} » est refusé par le CRM simulé : {words}',
  stages: '"stages" d’un pipeline doit être une liste',
  many_stages: 'le pipeline {id} a {count} étapes ; HubSpot en permet 100',
  stage: 'une étape doit être un objet',
  metadata: '"metadata" de l’étape {id} doit être un objet',
  probability: '"probability" de l’étape {id} doit être entre 0.0 et 1.0',
  object_type: '"objectType" {found} est inconnu',
  property_type: '"type" de la propriété {name} doit être l’un de {known}',
  field_type: '"fieldType" {found} ne va pas avec le type {type} ; utilisez {known}',
  own_property: 'la propriété {name} est celle de HubSpot et ne peut pas être définie de nouveau',
  options: '"options" de la propriété {name} doit être une liste',
  not_associable: '{what} ne peut pas être associé à « {name} »',
  absent: '{what} {id} est associé à {other} {otherId}, que le fichier ne contient pas',
  other_crm: 'cette ligne est de {crm}, non de salesforce',
  sf_type: `type salesforce inconnu « {name} »${NEAR}`,
  sf_field: `champ de {what} inconnu « {name} »${NEAR}`,
  sf_custom_field:
    'champ de {what} inconnu « {name} » ; un champ à vous demande une ligne telle que {example}[ ; ou vouliez-vous dire « {near} » ?]',
  sf_key: `clé de CustomField inconnue « {name} »${NEAR}`,
  sf_field_type: `Type de CustomField inconnu « {name} »${NEAR}`,
  full_name: 'le FullName « {name} » d’un CustomField doit finir par __c',
  picklists: 'PicklistValues d’un RecordType doit nommer des champs, chacun avec une liste de textes',
  record_type_default: 'Default d’un RecordType doit être true ou false',
  not_deletable: '{what} ne peut pas être supprimé',
  sf_value:
    '{what}, champ {name} : la valeur {value} ne convient pas au type {type}[ ; écrivez-la comme {example}]',
};

const FOUND_FR: Readonly<Record<string, string>> = { missing: 'rien', 'a list': 'une liste' };

/** What was found instead, in French; values of the file stay as they are. */
export function datasetFoundFr(found: string): string {
  return FOUND_FR[found] ?? found;
}
