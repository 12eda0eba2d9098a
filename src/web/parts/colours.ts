import type { NativeComponent, Payer } from '#domains/settlement/types.ts'

/** One colour per payer, the same in every chart and table; each stands 3:1 or better on white. */
export const PAYER_COLOURS: Readonly<Record<Payer, string>> = {
  liableThirdParty: '#6b7280',
  basicPool: '#0f5f6b',
  civilServant: '#2b8a92',
  employeeLargeAmount: '#2f6fb5',
  residentCriticalIllness: '#2557a7',
  medicalAid: '#5b4bb5',
  enterpriseSupplement: '#8a4a9c',
  citySupplementary: '#b03a76',
  groupCommercial: '#8a5a24',
  individualCommercial: '#77701a',
  hospital: '#4b5563',
  personalAccount: '#2f7d46',
  familyAccount: '#5b8a2a',
}

export const PATIENT_COLOUR = '#c2541b'
export const TOTAL_COLOUR = '#33444a'

export const COMPONENT_COLOURS: Readonly<Record<NativeComponent, string>> = {
  inScope: '#5d7f88',
  upfront: '#8a7a52',
  overLimit: '#98694f',
  outOfScope: '#8d5f6b',
  specialDrug: '#6d6a94',
  separateItem: '#4f7a5f',
}
