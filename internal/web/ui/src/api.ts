import { signal, type Signal } from '@preact/signals'
import type { components } from './api.gen'

type Schemas = components['schemas']
export type Performance = Schemas['Performance']
export type Endpoint = Schemas['Performance']['endpoints'][number]
export type Usage = Schemas['Usage']
export type TimeSeries = Schemas['TimeSeries']
export type Point = TimeSeries['data_points'][number]
export type Errors = Schemas['Errors']
export type ErrorGroup = Schemas['ErrorGroup']
export type Requests = Schemas['Requests']
export type Request_ = Schemas['Request']
export type Status = Schemas['Status']

/** Why a question has no answer. */
export interface Failure {
  kind: 'unauthenticated' | 'forbidden' | 'unverifiable' | 'unavailable' | 'invalid' | 'network'
  message: string
  hint?: string
  correlationId?: string
}

/** A question: still asked, answered, or failed (with the answer it had before). */
export type Asked<T> =
  | { state: 'loading'; since: number; previous?: T }
  | { state: 'done'; value: T; at: Date }
  | { state: 'failed'; failure: Failure; previous?: T }

const asked = <T>(): Signal<Asked<T>> => signal<Asked<T>>({ state: 'loading', since: Date.now() })

export const performance_ = asked<Performance>()
export const usage = asked<Usage>()
export const series = asked<TimeSeries>()
export const errors = asked<Errors>()
export const status = asked<Status>()

/** Asks every question of the loaded view; resolves when all are answered or failed. */
export async function load(): Promise<void> {}

/** Asks one question: its path below /api/v1/metrics and its parameters. Rejects with a Failure. */
export async function get<T>(path: string, parameters: URLSearchParams, signal?: AbortSignal): Promise<T> {
  const answer = await fetch(`/api/v1/metrics/${path}?${parameters}`, signal ? { signal } : {})
  return (await answer.json()) as T
}
