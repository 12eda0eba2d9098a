import { join } from 'node:path'
import { todayInChina } from '#app/clock.ts'
import { createServices } from '#app/services.ts'

type Given = Parameters<typeof createServices>[0]

/** Every service of a server, as `serve` wires them, over the database of a test. Whatever a test is about it gives itself. */
export const servicesOver = (given: Pick<Given, 'database' | 'service' | 'secrets'>) =>
  createServices({
    today: todayInChina,
    allowUndated: () => true,
    // No scenario is carried out: nothing here is ever started.
    folder: join('/', 'nowhere'),
    ...given,
  })
