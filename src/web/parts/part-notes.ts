/** What each name of the patient's share means: keys of the dictionary. */
export const PART_NOTES = {
  inScope: 'noteRatioShare',
  upfront: 'noteUpfront',
  overLimit: 'noteOverLimit',
  outOfScope: 'noteOutOfScope',
  specialDrug: 'noteSpecialDrug',
  separateItem: 'noteSeparateItem',
  deductible: 'noteDeductible',
  aboveCap: 'noteAboveCap',
  transferUpfront: 'noteTransferUpfront',
} as const
