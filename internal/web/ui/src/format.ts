import type { Zone } from './state'

export const count = (n: number): string => String(n)
export const milliseconds = (ms: number): string => `${ms} ms`
export const percent = (ratio: number): string => `${ratio * 100} %`
export const date = (at: string | Date, _zone: Zone): string => String(at)
