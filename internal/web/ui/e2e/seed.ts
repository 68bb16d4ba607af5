/// <reference types="node" />
import { randomUUID } from 'node:crypto'
import { hostile } from '../src/testing/hostile'
import { run } from './program'

export type Engine = 'sqlite' | 'postgresql'
export const engines: readonly Engine[] = ['sqlite', 'postgresql']

/** How much history the tests look at: 90 days of 200 endpoints, each of which is asked every hour. */
export const endpoints = 200
const rawHours = 8 * 24 // a day more than the program keeps, so that it rolls one up
const copies = 82 // of that day

/** A database of its own, filled by the engine's own program, as R5a lets anyone do. */
export class Database {
  private constructor(
    readonly engine: Engine,
    readonly url: string,
    private readonly place: string, // file, or URL of the database
    private readonly drop: () => Promise<void>,
  ) {}

  static async create(engine: Engine, folder: string): Promise<Database> {
    const name = `e2e_${randomUUID().replaceAll('-', '')}`
    if (engine === 'sqlite') {
      const file = `${folder}/${name}.db`
      return new Database(engine, `sqlite://${file}`, file, async () => {})
    }
    const server = process.env['TEST_DATABASE_URL']
    if (!server) throw new Error('TEST_DATABASE_URL is not set: run the tests with `make e2e`, or by .ci/with-postgres')
    const url = new URL(server)
    url.pathname = `/${name}`
    await run('psql', ['-qX', server, '-c', `CREATE DATABASE ${name}`])
    return new Database(engine, url.href, url.href, async () => {
      await run('psql', ['-qX', server, '-c', `DROP DATABASE ${name} WITH (FORCE)`])
    })
  }

  /** Runs SQL, all of it or nothing. */
  async execute(sql: string): Promise<void> {
    const [program, args] =
      this.engine === 'sqlite'
        ? ['sqlite3', ['-bail', '-cmd', '.timeout 20000', this.place]]
        : ['psql', ['-qX', '-v', 'ON_ERROR_STOP=1', this.place]]
    const done = run(program, args)
    done.child.stdin?.end(`BEGIN;\n${sql};\nCOMMIT;\n`)
    await done
  }

  /** SQL for the moment that many seconds ago. */
  ago(seconds: string): string {
    return this.engine === 'sqlite'
      ? `(CAST(strftime('%s', 'now') AS INTEGER) - (${seconds})) * 1000000`
      : `now() - make_interval(secs => ${seconds})`
  }

  /** SQL for a moment that many days before another. */
  earlier(moment: string, days: string): string {
    return this.engine === 'sqlite' ? `${moment} - ${days} * 86400000000` : `${moment} - make_interval(days => ${days})`
  }

  /** SQL for a table of one column i with the numbers 0 to n-1. */
  series(n: number): string {
    return this.engine === 'sqlite'
      ? `(WITH RECURSIVE s(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM s WHERE i < ${n - 1}) SELECT i FROM s)`
      : `(SELECT i FROM generate_series(0, ${n - 1}) AS s(i))`
  }

  remove(): Promise<void> {
    return this.drop()
  }
}

/** Applies the migrations, as `appmetrics migrate up` does. */
export async function migrate(binary: string, home: string, database: Database): Promise<void> {
  await appmetrics(binary, home, ['migrate', 'up', '--database-url', database.url])
}

/**
 * Fills in 90 days: a week of rows, a day that the program itself rolls up, and copies of that day's rollups for
 * the days before.
 */
export async function fillHistory(binary: string, home: string, d: Database): Promise<void> {
  // Chance that is the same in every run: a number below 2^31 for each hour and endpoint.
  const chance = '((h.i * 7919 + e.i * 104729 + h.i * e.i * 31) % 1000)'
  const nouns = ['orders', 'customers', 'products', 'invoices', 'reports', 'carts', 'users', 'teams']
  const noun = `(CASE e.i % 8 ${nouns.map((n, i) => `WHEN ${i} THEN '${n}'`).join(' ')} END)`
  await d.execute(`
    INSERT INTO performance_metrics (timestamp, endpoint, method, status_code, response_time_ms, user_id, error_type, correlation_id, app)
    SELECT at, endpoint, method, status, ms,
      CASE WHEN chance % 17 = 0 THEN NULL ELSE 'user-' || (chance % 120) || '@example.com' END,
      CASE WHEN status >= 500 THEN 'SERVER_ERROR_' || status WHEN status >= 400 THEN 'CLIENT_ERROR_' || status END,
      'e2e-' || hour || '-' || number, app
    FROM (
      SELECT ${d.ago('h.i * 3600 + (e.i * 37 + h.i * 11) % 3600 + 1')} AS at,
        '/api/' || ${noun} || '/' || (e.i / 8) || CASE WHEN e.i % 3 = 0 THEN '/{id}' ELSE '' END AS endpoint,
        CASE WHEN e.i % 5 = 0 THEN 'POST' ELSE 'GET' END AS method,
        CASE WHEN ${chance} % 83 = 0 THEN 500 WHEN ${chance} % 61 = 0 THEN 404 ELSE 200 END AS status,
        (10 + (e.i * 7919) % 400) * (0.5 + ${chance} / 500.0) * CASE WHEN ${chance} % 50 = 0 THEN 6.0 ELSE 1.0 END AS ms,
        CASE WHEN e.i % 4 = 0 THEN 'billing' ELSE 'shop' END AS app,
        ${chance} AS chance, h.i AS hour, e.i AS number
      FROM ${d.series(rawHours)} AS h CROSS JOIN ${d.series(endpoints)} AS e
    ) AS r;
    INSERT INTO usage_events (timestamp, event_type, user_id, page_name, element_id, success, app)
    SELECT at, event_type, 'user-' || (chance % 120) || '@example.com', '/page/' || (number % 20),
      CASE WHEN event_type = 'page_view' THEN NULL ELSE 'element-' || (number % 40) END, chance % 40 <> 0, 'shop'
    FROM (
      SELECT ${d.ago('h.i * 3600 + (e.i * 97 + h.i * 13) % 3600 + 1')} AS at,
        CASE e.i % 5 WHEN 0 THEN 'button_click' WHEN 1 THEN 'form_submit' WHEN 2 THEN 'query_executed' ELSE 'page_view' END AS event_type,
        ${chance} AS chance, e.i AS number
      FROM ${d.series(rawHours)} AS h CROSS JOIN ${d.series(40)} AS e
    ) AS r`)
  const aggregate = () => appmetrics(binary, home, ['aggregate', '--database-url', d.url, '--log-level', 'error'])
  await aggregate()
  const columns =
    'metric_type, endpoint_path, event_type, aggregated_values, sample_count, app, method, page_name, element_id, error_type, latency, users, figures'
  await d.execute(`
    INSERT INTO aggregated_metrics (time_bucket, ${columns})
    SELECT ${d.earlier('time_bucket', '(c.i + 1)')}, ${columns} FROM aggregated_metrics CROSS JOIN ${d.series(copies)} AS c;
    ANALYZE`)
  await aggregate() // sums up the days that were copied
}

/** Puts every hostile string into every text of requests and events. */
export async function fillHostile(d: Database): Promise<void> {
  // sqlite3 drops a carriage return before the end of a line that it reads.
  const cr = d.engine === 'sqlite' ? "' || char(13) || '" : "' || chr(13) || '"
  const quoted = (text: string, most: number) =>
    `'${[...text].slice(0, most).join('').replaceAll("'", "''").replaceAll('\r', cr)}'`
  const rows = (row: (text: string, i: number) => string) => hostile.map((text, i) => `(${row(text, i)})`).join(',\n')
  await d.execute(`
    INSERT INTO performance_metrics (timestamp, endpoint, method, status_code, response_time_ms, user_id, error_type, correlation_id, app)
    VALUES ${rows((t, i) => `${d.ago(String(60 + i))}, ${quoted(t, 500)}, 'GET', 500, ${i + 1}.5, ${quoted(t, 255)}, ${quoted(t, 100)}, ${quoted(t, 128)}, ${quoted(t, 100)}`)};
    INSERT INTO usage_events (timestamp, event_type, user_id, page_name, element_id, metadata, correlation_id, app)
    VALUES ${rows((t, i) => `${d.ago(String(60 + i))}, ${quoted(t, 100)}, ${quoted(t, 255)}, ${quoted(t, 255)}, ${quoted(t, 100)}, CAST(${quoted(JSON.stringify({ [t]: t }), 9999)} AS ${d.engine === 'sqlite' ? 'text' : 'jsonb'}), ${quoted(t, 128)}, ${quoted(t, 100)}`)},
    ${rows((t, i) => `${d.ago(String(60 + i))}, 'page_view', ${quoted(t, 255)}, ${quoted(t, 255)}, NULL, NULL, NULL, 'shop'`)}`)
}

async function appmetrics(binary: string, home: string, args: readonly string[]): Promise<void> {
  await run(binary, args, { cwd: home, env: { PATH: process.env['PATH'] ?? '', HOME: home } })
}
