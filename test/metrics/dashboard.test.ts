import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { addFigures } from '../../src/metrics/figures.ts'
import { createMetrics } from '../../src/metrics/metrics.ts'
import { testDatabase } from '../support/database.ts'

const dashboard = z.object({
  panels: z.array(z.object({ title: z.string(), targets: z.array(z.object({ expr: z.string() })).default([]) })),
})

test('the dashboard shows metrics that there are, and all of ours', async () => {
  const metrics = createMetrics()
  addFigures(metrics, await testDatabase())
  const known = new Set((await metrics.registry.getMetricsAsJSON()).map(({ name }) => name))
  const file = readFileSync(new URL('../../deploy/grafana/baleen.json', import.meta.url), 'utf8')
  const { panels } = dashboard.parse(JSON.parse(file))
  const expressions = panels.flatMap(({ targets }) => targets.map(({ expr }) => expr))
  const shown = new Set(expressions.flatMap((text) => text.match(/\b(baleen|process|nodejs)_\w+/g) ?? []))
  const base = [...shown].map((name) => name.replace(/_bucket$/, ''))
  expect(base.filter((name) => !known.has(name))).toEqual([])
  expect([...known].filter((name) => name.startsWith('baleen_') && !base.includes(name))).toEqual([])
})
