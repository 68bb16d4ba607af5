import { batch, computed, effect, signal, untracked, type ReadonlySignal, type Signal } from '@preact/signals'
import type { components } from './api.gen'
import { denies, foreign, late, refused, unreachable, type Failure } from './failure'
import { apply, loaded, pending, question, type View } from './state'

export type { Failure }

type Schemas = components['schemas']
export type Performance = Schemas['Performance']
export type Endpoint = Performance['endpoints'][number]
export type Usage = Schemas['Usage']
export type TimeSeries = Schemas['TimeSeries']
export type Point = TimeSeries['data_points'][number]
export type Errors = Schemas['Errors']
export type ErrorGroup = Schemas['ErrorGroup']
export type Requests = Schemas['Requests']
export type Request_ = Schemas['Request']
export type Status = Schemas['Status']

/** A question: still asked, answered, or failed; `previous` is its answer from before, if it was the same question, and `at` when there was an answer. */
export type Asked<T> =
  | { state: 'loading'; since: number; previous?: T; at?: Date }
  | { state: 'done'; value: T; at: Date }
  | { state: 'failed'; failure: Failure; previous?: T; at?: Date }

/** How long a question may take. */
const limit = 10_000

/**
 * Asks one question: its path below /api/v1/metrics and its parameters.
 * Rejects with a Failure, or, when `aborted` says so, with its reason.
 */
export async function get<T>(path: string, parameters: URLSearchParams, aborted?: AbortSignal): Promise<T> {
  const ends = new AbortController()
  const abort = () => ends.abort()
  aborted?.addEventListener('abort', abort)
  if (aborted?.aborted) abort()
  let timedOut = false
  const timer = setTimeout(() => {
    timedOut = true
    abort()
  }, limit)
  try {
    const response = await fetch(`/api/v1/metrics/${path}?${parameters}`, {
      headers: { Accept: 'application/json' },
      credentials: 'same-origin',
      signal: ends.signal,
    })
    const body = await response.text()
    if (!response.ok) throw refused(response.status, parse(body))
    const answer = parse(body)
    if (answer === undefined) throw foreign()
    return answer as T
  } catch (error) {
    if (aborted?.aborted) throw aborted.reason
    if (timedOut) throw late()
    throw error instanceof Error ? unreachable() : error
  } finally {
    clearTimeout(timer)
    aborted?.removeEventListener('abort', abort)
  }
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}

/** The parameters of a view that every question takes: app and range. */
export function parametersOf(view: View): URLSearchParams {
  const parameters = new URLSearchParams()
  if (view.app) parameters.set('app', view.app)
  if ('name' in view.range) parameters.set('time_range', view.range.name)
  else {
    parameters.set('start_time', view.range.start)
    parameters.set('end_time', view.range.end)
  }
  return parameters
}

/** How much time a point of the series covers: more points than these nobody can tell apart. */
export function intervalOf(range: View['range']): 'hourly' | 'daily' {
  if ('name' in range) return range.name === '30d' || range.name === '90d' ? 'daily' : 'hourly'
  return Date.parse(range.end) - Date.parse(range.start) > 14 * 86_400_000 ? 'daily' : 'hourly'
}

/** How many requests for the page's questions are under way. */
const underWay = signal(0)

/** True while any question of the page is under way: all of a load, or one that is asked again. */
export const loading = computed(() => underWay.value > 0)

/** A question of the page, with one request under way at most. */
class Question<T> {
  readonly answer: Signal<Asked<T>> = signal<Asked<T>>({ state: 'loading', since: Date.now() })
  #asked = ''
  #underWay = new AbortController()

  constructor(
    readonly path: string,
    readonly parameters: (view: View) => URLSearchParams,
  ) {}

  async ask(view: View): Promise<void> {
    const parameters = this.parameters(view)
    const asked = parameters.toString()
    const kept = asked === this.#asked ? keep(this.answer.peek()) : {}
    this.#asked = asked
    this.#underWay.abort()
    const { signal } = (this.#underWay = new AbortController())
    batch(() => {
      this.answer.value = { state: 'loading', since: Date.now(), ...kept }
      underWay.value = underWay.peek() + 1
    })
    try {
      const value = await get<T>(this.path, parameters, signal)
      if (!signal.aborted) this.answer.value = { state: 'done', value, at: new Date() }
    } catch (failure) {
      if (signal.aborted) return
      this.answer.value = { state: 'failed', failure: failure as Failure, ...kept }
      if (denies(failure as Failure)) for (const one of all) one.giveUp()
    } finally {
      underWay.value = underWay.peek() - 1
    }
  }

  /** Waits for no answer any longer. */
  giveUp(): void {
    this.#underWay.abort()
  }
}

/** What is known of an answer, be it from before. */
export function valueOf<T>(answer: Asked<T>): T | undefined {
  return answer.state === 'done' ? answer.value : answer.previous
}

function keep<T>(answer: Asked<T>): { previous?: T; at?: Date } {
  const previous = valueOf(answer)
  return previous === undefined || !answer.at ? {} : { previous, at: answer.at }
}

const figures = (view: View): URLSearchParams => {
  const parameters = parametersOf(view)
  if (view.anonymous) parameters.set('include_anonymous', 'true')
  if (view.compare) parameters.set('compare', 'previous')
  return parameters
}

const points = (view: View): URLSearchParams => {
  const parameters = parametersOf(view)
  parameters.set('metric_type', 'both')
  parameters.set('interval', intervalOf(view.range))
  return parameters
}

const questions = {
  performance: new Question<Performance>('performance', figures),
  usage: new Question<Usage>('usage', figures),
  series: new Question<TimeSeries>('time-series', points),
  errors: new Question<Errors>('errors', parametersOf),
  status: new Question<Status>('status', () => new URLSearchParams()),
}
const all = Object.values(questions)

export const performance_ = questions.performance.answer
export const usage = questions.usage.answer
export const series = questions.series.answer
export const errors = questions.errors.answer
export const status = questions.status.answer

/** Why the caller may not look at all, when any answer says so: the others no longer matter then. */
export const denied = computed((): Failure | undefined => {
  for (const { answer } of all) {
    const { value } = answer
    if (value.state === 'failed' && denies(value.failure)) return value.failure
  }
  return undefined
})

/** How many loads began: what asks for itself, asks again when it changes. */
export const loads = signal(0)

let current: Promise<void> = Promise.resolve()

/** Asks every question of the loaded view; resolves when all are answered or failed. */
export function load(): Promise<void> {
  const view = loaded.peek()
  return batch(() => {
    loads.value = loads.peek() + 1
    return (current = Promise.all(all.map((one) => one.ask(view))).then(() => {}))
  })
}

/** Loads now, and whenever the loaded view asks something else. */
export function followView(): void {
  effect(() => {
    void question.value
    untracked(() => void load())
  })
}

/** Shows what the header's controls say, with new answers; resolves to whether none failed. */
export async function refresh(): Promise<boolean> {
  if (pending.peek()) {
    apply() // which loads, by followView
  } else void load()
  // A load may be superseded meanwhile: what counts is how the newest ended.
  for (let run; run !== current; ) await (run = current)
  return all.every((one) => one.answer.peek().state !== 'failed')
}

/** Asks the question of one answer again. */
export function retry(answer: ReadonlySignal<Asked<unknown>>): void {
  void all.find((one) => one.answer === answer)?.ask(loaded.peek())
}
