export interface Bucket {
  from: number // milliseconds
  to: number
  count: number
}

export interface HistogramProps {
  buckets: readonly Bucket[]
}

export function Histogram(_: HistogramProps) {
  return null
}
