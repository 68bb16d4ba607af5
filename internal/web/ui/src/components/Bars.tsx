export interface Bar {
  label: string
  value: number
  detail?: string
}

export interface BarsProps {
  rows: readonly Bar[]
  total?: number
  unit?: (value: number) => string
  onOpen?: (bar: Bar) => void
}

/** A ranking, longest bar first. */
export function Bars(_: BarsProps) {
  return null
}
