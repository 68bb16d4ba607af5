import type { Change } from '../change'
import { Sparkline } from './Sparkline'

export interface CardProps {
  label: string
  testid: string
  value: string
  note?: string // said where there is no change to show
  change?: Change | undefined // against the period before
  sparkline?: readonly (number | null)[]
  state: 'loading' | 'failed' | 'done'
}

/** One figure of the summary. Whether its change is good news is said in words, and by an arrow. */
export function Card({ label, testid, value, note, change, sparkline, state }: CardProps) {
  return (
    <div class="card" data-testid={testid} data-state={state}>
      <dt>{label}</dt>
      <dd class={value.length > 9 ? 'card-value long' : 'card-value'}>
        {state === 'loading' ? <><span class="skeleton" aria-hidden="true" /><span class="visually-hidden">loading</span></> : value}
      </dd>
      <dd class="card-course">{sparkline && <Sparkline values={sparkline} />}</dd>
      <dd class="card-foot">{state === 'failed' ? 'unavailable' : change ? <ChangeWords change={change} /> : note}</dd>
    </div>
  )
}

const marks = { '+': '▲', '-': '▼' } as const

function ChangeWords({ change: { words, verdict } }: { change: Change }) {
  const mark = marks[words.replace('>', '')[0] as '+' | '-']
  return (
    <>
      <span class={`change ${verdict}`}>
        {mark && <span class="change-mark" aria-hidden="true">{mark}</span>}
        {words}
        {verdict !== 'none' && ` ${verdict}`}
      </span>
      <span class="visually-hidden"> against the period before</span>
    </>
  )
}
