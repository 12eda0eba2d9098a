/** The dictionary's words for the kinds of schemes and products. */
export const KIND_WORDS = {
  public: 'kindPublic',
  enterprise: 'kindEnterprise',
  supplementary: 'kindSupplementary',
  group: 'kindGroup',
  individual: 'kindIndividual',
} as const
