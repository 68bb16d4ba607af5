/// <reference types="node" />
import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'

export const run = promisify(execFile)

/** The folder of go.mod. */
export const root = new URL('../../../../', import.meta.url).pathname

/** Builds the program that is tested, dashboard and all. */
export async function build(folder: string): Promise<string> {
  const binary = `${folder}/appmetrics`
  await run('go', ['build', '-o', binary, './cmd/appmetrics'], { cwd: root, env: { ...process.env, CGO_ENABLED: '0' } })
  return binary
}

/** A running `appmetrics serve`. */
export interface Server {
  url: string
  stop(): Promise<void>
}

/** Starts `appmetrics serve` on a free port of this machine, and waits until it listens. */
export async function serve(binary: string, home: string, args: readonly string[], env: Record<string, string> = {}): Promise<Server> {
  const child = spawn(binary, ['serve', '--log-format', 'json', '--listen', '127.0.0.1:0', ...args], {
    cwd: home,
    // Nothing of the caller's own settings may reach it.
    env: { PATH: process.env['PATH'] ?? '', HOME: home, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const said: string[] = []
  const url = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stderr }).on('line', (line) => {
      said.push(line)
      const entry = parse(line)
      if (entry['msg'] === 'serving') resolve(String(entry['address']))
    })
    child.once('exit', (code) => reject(new Error(`serve ended with ${code}:\n${said.join('\n')}`)))
    child.once('error', reject)
  })
  return { url, stop: () => stop(child) }
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  await ended
}

function parse(line: string): Record<string, unknown> {
  try {
    return JSON.parse(line) as Record<string, unknown>
  } catch {
    return {} // a line that is not of the log
  }
}
