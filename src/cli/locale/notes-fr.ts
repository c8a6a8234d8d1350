const RULE_REMEDY =
  'faites ce pas à la main dans {crm}, changez la règle là-bas, ou mettez pipelineRules: ignore pour la synchronisation';

/** Why records were left alone, in French, by stable cause. English sentences live with the causes themselves. */
export const NOTES_FR: Readonly<Record<string, { readonly message: string; readonly remedy: string }>> = {
  outside_record_type: {
    message: '{crm} ne propose pas {field} « {value} » aux fiches du type « {type} »',
    remedy: 'associez-la à une valeur que ce type propose, ou ajoutez-la au type dans {crm}',
  },
  pipeline_rule_back: {
    message:
      'une règle interdit de revenir de « {from} » à « {stage} » dans le pipeline {crm} « {pipeline} »',
    remedy: RULE_REMEDY,
  },
  pipeline_rule_skip: {
    message:
      'une règle interdit de sauter une étape entre « {from} » et « {stage} » dans le pipeline {crm} « {pipeline} »',
    remedy: RULE_REMEDY,
  },
  pipeline_rule_approval: {
    message:
      'quelqu’un doit approuver le passage de « {from} » à « {stage} » dans le pipeline {crm} « {pipeline} »',
    remedy: RULE_REMEDY,
  },
  pipeline_rule_create: {
    message: 'une règle interdit de créer des fiches à l’étape « {stage} » du pipeline {crm} « {pipeline} »',
    remedy: RULE_REMEDY,
  },
  unmapped_stage: {
    message:
      'l’étape {from} « {label} » n’a pas d’équivalent dans la table des étapes[ pour le pipeline {to} « {pipeline} »]',
    remedy: 'ajoutez une ligne avec {from}: "{key}" aux étapes de la synchronisation',
  },
  read_only_field: {
    message: '{field} ne peut pas être écrit dans {crm}',
    remedy: 'donnez à l’utilisateur de {crm} le droit de le modifier, ou laissez {crm} décider de ce champ',
  },
  line_items_rule_amount: {
    message: '{crm} calcule le montant de cette fiche d’après ses produits',
    remedy: 'modifiez les produits dans {crm}, ou laissez {crm} décider du montant',
  },
  left_as_is: {
    message: '{field} diffère entre les deux côtés parce que {by} a annulé un changement',
    remedy: 'rien à faire ; il sera synchronisé dès qu’un côté le change',
  },
  set_by_crm: {
    message: '{field} diffère parce que {crm} l’a réglé lui-même quand l’affaire a été conclue ou rouverte',
    remedy: 'rien à faire ; la date sera synchronisée dès que quelqu’un en saisit une',
  },
  excluded_pipeline: {
    message: 'le pipeline {pipeline} de {crm} est exclu par la configuration',
    remedy: 'retirez-le de excludePipelines pour synchroniser ses fiches',
  },
  deleted: {
    message: 'la fiche a été supprimée dans son CRM',
    remedy: 'restaurez-la là-bas si c’était une erreur',
  },
  counterpart_deleted: {
    message: 'sa contrepartie a été supprimée ; les suppressions ne sont jamais reportées',
    remedy: 'supprimez aussi cette fiche, ou restaurez la contrepartie',
  },
  conflict: {
    message: 'les deux côtés ont changé {field} et aucune règle ne tranche',
    remedy: 'choisissez une valeur, ou donnez une règle à ce champ',
  },
  conflict_deleted: {
    message: '{field} a été modifié d’un côté et la fiche supprimée de l’autre',
    remedy: 'restaurez la fiche supprimée pour reporter la modification, ou supprimez l’autre aussi',
  },
  conflict_loop: {
    message: '{field} change de nouveau après chaque écriture, et tourne en rond',
    remedy: 'désactivez l’automatisme qui le change, ou ne synchronisez pas ce champ',
  },
};
