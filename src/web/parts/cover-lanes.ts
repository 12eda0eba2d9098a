import { addDays, type PlainDate } from '#base/plain-date.ts'
import type { EnrolmentFile } from '#web/api.ts'

/** What a stretch of the chart is. */
export type SpanKind =
  | 'cover'
  | 'wait'
  | 'gap'
  | 'repair'
  | 'status'
  | 'condition'
  | 'registration'
  | 'certificate'
  | 'site'

/** One stretch of days, the first and the last included; without a last day it goes on. */
export type Span = {
  readonly kind: SpanKind
  readonly from: string
  readonly until: string | null
  /** What stands in the bar. */
  readonly label: string
}

/** What is shown in one row: a scheme, a status, what was filed. */
export type Lane = {
  readonly of: 'scheme' | 'attribute' | 'conditions' | 'registrations' | 'certificates' | 'sites'
  /** The scheme or attribute; empty for the others. */
  readonly name: string
  readonly spans: readonly Span[]
}

/**
 * A person's cover through time, lane by lane: public schemes before products, then statuses, then what else
 * decides a bill. Breaks are those of the public history: days between its first and its last that neither a
 * membership nor a repair covers. Each stands in the lane of the scheme that comes after it.
 */
export function lanesOf(file: EnrolmentFile): Lane[] {
  const isPublic = (scheme: string) =>
    file.memberships.some((each) => each.scheme === scheme && each.kind === 'public')
  const schemes = [
    ...new Set([...file.memberships, ...file.repairs].map(({ scheme }) => scheme)),
  ].toSorted((a, b) => Number(isPublic(b)) - Number(isPublic(a)))
  const gaps = publicGaps(file)
  const lanes: Lane[] = schemes.map((scheme) => ({
    of: 'scheme',
    name: scheme,
    spans: [
      ...gaps.filter((each) => each.before === scheme).map(({ span }) => span),
      ...file.memberships
        .filter((each) => each.scheme === scheme)
        .map(({ from, until, answers }): Span => {
          const label = String(answers.class ?? '')
          return { kind: 'cover', from, until, label }
        }),
      ...file.repairs
        .filter((each) => each.scheme === scheme)
        .map(({ from, until }): Span => ({ kind: 'repair', from, until, label: '' })),
      ...file.waits
        .filter((each) => each.scheme === scheme)
        .map(({ from, until }): Span => {
          const last = addDays(until as PlainDate, -1)
          return { kind: 'wait', from, until: last, label: '' }
        }),
    ],
  }))
  const attributes = [...new Set(file.statuses.map(({ attribute }) => attribute))]
  for (const attribute of attributes)
    lanes.push({
      of: 'attribute',
      name: attribute,
      spans: file.statuses
        .filter((each) => each.attribute === attribute)
        .map(({ from, until, value }) => ({ kind: 'status', from, until, label: value })),
    })
  const others: readonly Lane[] = [
    {
      of: 'conditions',
      name: '',
      spans: file.conditions
        .filter(({ state }) => state !== 'rejected')
        .map(({ disease, since }) => ({
          kind: 'condition',
          from: since,
          until: null,
          label: disease,
        })),
    },
    {
      of: 'registrations',
      name: '',
      spans: file.registrations.map(({ kind, from, until }) => ({
        kind: 'registration',
        from,
        until,
        label: kind,
      })),
    },
    {
      of: 'certificates',
      name: '',
      spans: file.certificates.map(({ of, from, until }) => ({
        kind: 'certificate',
        from,
        until,
        label: of,
      })),
    },
    {
      of: 'sites',
      name: '',
      spans: file.sites.map(({ name, from, until }) => ({
        kind: 'site',
        from,
        until,
        label: name,
      })),
    },
  ]
  return [...lanes, ...others.filter(({ spans }) => spans.length > 0)]
}

function publicGaps({ memberships, repairs }: EnrolmentFile) {
  const kinds = new Map(memberships.map(({ scheme, kind }) => [scheme, kind]))
  const stretches = [...memberships, ...repairs]
    .filter(({ scheme }) => kinds.get(scheme) === 'public')
    .toSorted((a, b) => (a.from < b.from ? -1 : 1))
  const gaps: { readonly before: string; readonly span: Span }[] = []
  let covered: string | undefined
  for (const { scheme, from, until } of stretches) {
    if (covered !== undefined && from > covered)
      gaps.push({
        before: scheme,
        span: { kind: 'gap', from: covered, until: addDays(from as PlainDate, -1), label: '' },
      })
    const next = until === null ? '9999-12-31' : addDays(until as PlainDate, 1)
    if (covered === undefined || next > covered) covered = next
  }
  return gaps
}
