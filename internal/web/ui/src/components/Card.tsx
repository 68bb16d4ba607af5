export interface CardProps {
  label: string
  testid: string
  value: string
  change?: number // ratio to the period before: 0.1 is a tenth more
  better?: 'up' | 'down' // which change is good news; none: neither
  sparkline?: readonly (number | null)[]
}

export function Card(props: CardProps) {
  return <div data-testid={props.testid}>{props.label} {props.value}</div>
}
