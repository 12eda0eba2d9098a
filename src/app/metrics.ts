import type { FastifyInstance } from 'fastify'
import { Counter, collectDefaultMetrics, Histogram, Registry } from 'prom-client'

export type Metrics = {
  refused(code: string): void
  readonly registry: Registry
}

/** What the server counts, for Prometheus: no name, number or amount of anybody is among it. */
export function measure(app: FastifyInstance): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const duration = new Histogram({
    name: 'kangyang_http_request_duration_seconds',
    help: 'Time to answer, by route',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
    registers: [registry],
  })
  const settlements = new Counter({
    name: 'kangyang_settlements_total',
    help: 'Bills settled, reversed or tried out; answers given again are not counted',
    labelNames: ['outcome'],
    registers: [registry],
  })
  const refusals = new Counter({
    name: 'kangyang_refusals_total',
    help: 'Requests not carried out, by code',
    labelNames: ['code'],
    registers: [registry],
  })
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? '(none)'
    duration.observe(
      { method: request.method, route, status: reply.statusCode },
      reply.elapsedTime / 1000,
    )
    const outcome = request.method === 'POST' ? OUTCOMES[route] : undefined
    if (outcome && reply.statusCode < 300 && !reply.hasHeader('idempotent-replayed'))
      settlements.inc({ outcome })
  })
  return { registry, refused: (code) => refusals.inc({ code }) }
}

const OUTCOMES: Readonly<Record<string, string>> = {
  '/api/settlements': 'settled',
  '/api/settlements/:id/reverse': 'reversed',
  '/api/settlements/trial': 'tried',
  '/api/national/settle-trial': 'tried',
}
