/// <reference types="node" />
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build, serve, type Server } from './program'
import { Database, engines, fillHistory, fillHostile, migrate, type Engine } from './seed'

/** What a test may look at; each is a server on a database of its own. */
export type Stage = 'history' | 'empty' | 'hostile' | 'proxied' | 'unverifiable'

/** The variable in which workers find the address of a stage. */
export function variable(engine: Engine, stage: Stage): string {
  return `E2E_${engine}_${stage}`.toUpperCase()
}

/**
 * Builds the program, fills both engines and starts every server, once for all tests. Servers that somebody
 * else started, and whose addresses the variables hold, are used as they are.
 */
export default async function setup(): Promise<() => Promise<void>> {
  if (process.env[variable('sqlite', 'history')]) return async () => {}
  const folder = await mkdtemp(join(tmpdir(), 'appmetrics-e2e-'))
  const databases: Database[] = []
  const servers: Server[] = []
  const end = async () => {
    await Promise.all(servers.map((s) => s.stop()))
    await Promise.all(databases.map((d) => d.remove()))
    await rm(folder, { recursive: true, force: true })
  }
  try {
    const binary = await build(folder)
    process.env['E2E_BINARY'] = binary // for tests that start servers of their own
    const start = async (engine: Engine, stage: Stage, database: Database, env: Record<string, string> = {}) => {
      const server = await serve(binary, folder, ['--database-url', database.url, '--app', 'shop', '--upstream', 'http://127.0.0.1:9'], env)
      servers.push(server)
      process.env[variable(engine, stage)] = server.url
    }
    const prepare = async (engine: Engine) => {
      const create = async () => {
        const d = await Database.create(engine, folder)
        databases.push(d)
        await migrate(binary, folder, d)
        return d
      }
      const [history, empty, hostile] = [await create(), await create(), await create()]
      await fillHistory(binary, folder, history)
      await fillHostile(hostile)
      await start(engine, 'history', history)
      await start(engine, 'empty', empty)
      await start(engine, 'hostile', hostile)
      await start(engine, 'proxied', empty, {
        APPMETRICS_AUTH_MODE: 'proxy',
        APPMETRICS_TRUSTED_PROXIES: '127.0.0.1',
        APPMETRICS_AUTH_ADMINS: 'ada@example.com',
      })
      // A workspace that nobody answers for: no one can be verified.
      await start(engine, 'unverifiable', empty, { APPMETRICS_AUTH_MODE: 'databricks', DATABRICKS_HOST: 'http://127.0.0.1:9' })
    }
    await Promise.all(engines.map(prepare))
  } catch (error) {
    await end()
    throw error
  }
  return end
}
