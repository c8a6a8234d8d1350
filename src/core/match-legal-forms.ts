/**
 * Legal forms as they stand in company names after normalisation (lower case, no accents, dotted letters joined).
 * Two people type the same company with and without them, so that they say nothing about being the same.
 */
export const LEGAL_FORMS: ReadonlySet<string> = new Set(
  [
    // German-speaking countries
    'gmbh mbh ggmbh ag kg kgaa ohg gbr ug ev eg ek',
    // French, Italian, Spanish, Portuguese
    'sa sas sasu sarl eurl snc scop spa srl srls sapa sl slu slne sau sicav lda ltda eireli epp',
    // Dutch and Nordic
    'bv nv vof bvba oy oyj ab hb kb aktiebolag as asa aps ivs ans ehf hf',
    // English-speaking countries, India, Singapore, Malaysia
    'inc incorporated corp corporation co company llc llp lp plc pllc ltd limited pty pte pvt sdn bhd',
    // Central, eastern and southern Europe, Turkey
    'sro spol doo dd ood eood kft zrt nyrt rt bt ou sia uab zoo as ao sti anonim sirketi jsc ojsc cjsc pjsc',
    'ооо оао зао пао ао тов тзов ип ад оод еоод ае επε αε оу',
    // Asia in Latin letters, Gulf
    'kk yk gk kabushiki kaisha tbk fze fzco fzc wll',
    // Hebrew and Arabic
    'בעמ ذمم شمم شركة',
    // Korean as words
    '주식회사 유한회사 주',
  ].flatMap((line) => line.split(' ')),
);

/** Forms of several words, removed where they stand in this order. */
export const LEGAL_PHRASES: readonly (readonly string[])[] = [
  ['sp', 'z', 'oo'],
  ['sp', 'z', 'o', 'o'],
  ['sp', 'j'],
  ['s', 'a'],
  ['s', 'l'],
  ['s', 'p', 'a'],
  ['s', 'r', 'l'],
  ['s', 'r', 'o'],
  ['d', 'o', 'o'],
  ['a', 's'],
  ['fz', 'llc'],
  ['de', 'cv'],
  ['sa', 'de', 'cv'],
  ['ש', 'מ'],
  ['בע', 'מ'],
];

/** Forms written without a space around them, in scripts that use none. Longest first. */
export const LEGAL_RUNS: readonly string[] = [
  '股份有限公司',
  '有限责任公司',
  '有限責任公司',
  '有限公司',
  '株式会社',
  '有限会社',
  '合同会社',
  '(株)',
  '(有)',
  '(주)',
  'บริษัท',
  'จำกัด',
  '(มหาชน)',
];

/** Words that only hold a sentence together. Single letters stay: "Option A" is not "Option B". */
export const FILLER_WORDS: ReadonlySet<string> = new Set(
  'and et und og och the der die das den des du de la le les del di da do of for fur pour per por para von van'.split(
    ' ',
  ),
);
