/** What the commands about rules, stages and own fields say, in English. */
export const RULES_EN = {
  'command.classify': 'verdicts on exported records, offline: dataset lines in, verdict lines out',
  'command.stages': 'every stage of both CRMs: what it is taken for, and what is odd about it',
  'command.provision': "show, then create oppsync's own fields in both CRMs",
  'option.classify_profile':
    'standard, consulting, agency, fundraising, strict, or the path of a profile (default: standard)',
  'option.classify_as_of': 'judge as of the end of this day, or this moment (default: now)',
  'option.label_language': 'language of stage names that do not name theirs, such as fr (default: detected)',
  'usage.moment': '{option}: expected a day (YYYY-MM-DD) or a moment with its zone, found {given}',
  'usage.bad_line': 'line {line}: {reason}',
  'usage.bad_line_remedy': 'correct the line, or leave bad lines out with --skip-bad',
  'line.not_utf8': 'it is not UTF-8 text',
  'line.not_json': 'it is not JSON: {found}',
  'line.not_object': 'expected an object such as {"crm":"hubspot","type":"deal","fields":{…}}, found {found}',
  'line.crm': '"crm" must be "salesforce" or "hubspot", found {found}',
  'line.type': '"type" must name a type of record such as "deal", found {found}',
  'line.near_type': 'unknown type {found}; did you mean {near}?',
  'line.fields': '"fields" must be an object of native field names and values',
  'line.no_id': 'this {type} has no id',
  'line.label': '"label" must be a text',
  'line.too_deep': 'its values are nested too deep',
} as const;
