import Engine, { type ASTNode, type RawPublicodes, type Situation } from 'publicodes'
import { FIGURES, type Peer, type PeerBill, type PeerResult } from './arithmetic.ts'
import { installedVersion } from './installed.ts'

/**
 * The arithmetic as rules of Publicodes, with the mechanisms it offers for them: `barème` for bands,
 * `plafond` for caps, `plancher` for what cannot fall below nothing, `arrondi` for rounding.
 *
 * Amounts are fen without a unit, because conversions of units cost time and give nothing here.
 * Publicodes computes in binary floats: it holds 70 % as 0.7000000000000001, so half a fen comes out
 * a hair above the half and is rounded up, as it should be. On whole fen of this size it has agreed
 * with the reference to the fen, but only because the error falls on the right side: a percentage
 * held a hair below its value would lose a fen on the half, so a fen of tolerance is right.
 *
 * The rules are parsed once. For each bill the situation is set and the five payments are evaluated,
 * from one cache. Everything Publicodes documents for speed is used: the strict mode, in which a
 * situation is parsed at once; values and references given as nodes, which need no parsing; the
 * previous situation kept, since every bill replaces all of it; warnings and the namespaces' own
 * applicability off; and private rules, to which no situation can answer.
 */
export function createPublicodes(): Peer {
  const engine = new Engine<string>(RULES, {
    strict: true,
    warn: false,
    flag: { automaticNamespaceDisabling: false },
  })
  const settle = (bill: PeerBill): PeerResult => {
    engine.setSituation(situation(bill), { keepPreviousSituation: true })
    return {
      basic: evaluate(engine, BASIC),
      criticalIllness: evaluate(engine, CRITICAL_ILLNESS),
      medicalAid: evaluate(engine, MEDICAL_AID),
      supplementary: evaluate(engine, SUPPLEMENTARY),
      patient: evaluate(engine, PATIENT),
    }
  }
  return {
    name: 'Publicodes',
    version: installedVersion('publicodes'),
    settle,
    settleAll: (bills) => bills.map(settle),
  }
}

function situation(bill: PeerBill): Situation<string> {
  return {
    'in scope': amount(bill.inScope),
    upfront: amount(bill.upfront),
    'out of scope': amount(bill.outOfScope),
    'basic paid': amount(bill.basicPaid),
    'medical aid paid': amount(bill.medicalAidPaid),
    'supplementary paid': amount(bill.supplementaryPaid),
    'critical illness base': amount(bill.criticalIllnessBase),
    'supplementary met': amount(bill.supplementaryMet),
  }
}

function amount(nodeValue: number): ASTNode {
  return { nodeKind: 'constant', type: 'number', nodeValue, isNullable: false }
}

function evaluate(engine: Engine<string>, node: ASTNode): number {
  return engine.evaluate(node).nodeValue as number
}

function reference(name: string): ASTNode {
  return { nodeKind: 'reference', name, dottedName: name, contextDottedName: '' }
}

const BASIC = reference('basic')
const CRITICAL_ILLNESS = reference('critical illness')
const MEDICAL_AID = reference('medical aid')
const SUPPLEMENTARY = reference('supplementary')
const PATIENT = reference('patient')

const { basic, criticalIllness, medicalAid, supplementary } = FIGURES

const RULES: RawPublicodes<string> = {
  'in scope': {},
  upfront: {},
  'out of scope': {},
  'basic paid': {},
  'medical aid paid': {},
  'supplementary paid': {},
  'critical illness base': {},
  'supplementary met': {},

  '[privé] basic': {
    valeur: bands('in scope', basic.deductible, basic.deductible + basic.bandEnd, basic.rates),
    arrondi: 'oui',
    plafond: { valeur: `${basic.cap} - basic paid`, plancher: 0 },
  },

  '[privé] left by basic': 'in scope - basic',
  '[privé] year before': yearly('critical illness base'),
  '[privé] year after': yearly('critical illness base + left by basic'),
  '[privé] critical illness': 'year after - year before',

  '[privé] medical aid': {
    valeur: `(left by basic - critical illness) * ${medicalAid.rate}%`,
    arrondi: 'oui',
    plafond: { valeur: `${medicalAid.cap} - medical aid paid`, plancher: 0 },
  },

  '[privé] unpaid': 'left by basic - critical illness - medical aid + upfront',
  '[privé] deductible left': {
    valeur: `${supplementary.deductible} - supplementary met`,
    plancher: 0,
  },
  '[privé] beyond deductible': { valeur: 'unpaid - deductible left', plancher: 0 },
  '[privé] supplementary': {
    valeur: `beyond deductible * ${supplementary.rate}%`,
    arrondi: 'oui',
    plafond: { valeur: `${supplementary.cap} - supplementary paid`, plancher: 0 },
  },

  '[privé] patient': 'unpaid + out of scope - supplementary',
}

function yearly(base: string): Record<string, unknown> {
  const { deductible, bandEnd, rates } = criticalIllness
  return { valeur: bands(base, deductible, bandEnd, rates), arrondi: 'oui' }
}

/** Nothing up to `from`, the first rate from there to `to`, the second above. */
function bands(
  base: string,
  from: number,
  to: number,
  rates: readonly [number, number],
): Record<string, unknown> {
  return {
    barème: {
      assiette: base,
      tranches: [
        { taux: '0%', plafond: from },
        { taux: `${rates[0]}%`, plafond: to },
        { taux: `${rates[1]}%` },
      ],
    },
  }
}
