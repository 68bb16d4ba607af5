import { useEffect, useId, useRef, useState } from 'preact/hooks'
import { zoneName } from '../format'
import { fromInput, problemOf, toInput } from '../range'
import { apply, choose, draft, loaded } from '../state'
import { rangeNames, type Range, type Zone } from '../view'

/** The range of the draft: quick choices and a custom span. */
export function RangePicker() {
  const { range } = draft.value
  const [open, setOpen] = useState(false)
  const custom = useRef<HTMLButtonElement>(null)
  const close = () => {
    setOpen(false)
    custom.current?.focus()
  }
  const chosen = 'name' in range ? range.name : undefined
  return (
    <div
      class="popover-anchor" data-testid="range-picker"
      onKeyDown={(event) => { if (open && event.key === 'Escape') close() }}
      onFocusOut={({ currentTarget, relatedTarget }) => {
        // None: the window lost it, or the browser's own calendar has it.
        if (relatedTarget instanceof Node && !currentTarget.contains(relatedTarget)) setOpen(false)
      }}
    >
      <div class="segmented" role="group" aria-label="Time range">
        {rangeNames.map((name) => (
          <button
            key={name} type="button" aria-pressed={chosen === name} data-track-id={`range-${name}`}
            onClick={() => { choose({ range: { name } }); setOpen(false) }}
          >
            {name}
          </button>
        ))}
        <button
          ref={custom} type="button" aria-pressed={!chosen} aria-expanded={open} data-track-id="range-custom"
          onClick={() => setOpen(!open)}
        >
          Custom
        </button>
      </div>
      {open && <Custom key={JSON.stringify([range, loaded.value.zone])} range={range} zone={loaded.value.zone} onClose={close} onLeave={() => setOpen(false)} />}
    </div>
  )
}

const spans = { '24h': 1, '7d': 7, '30d': 30, '90d': 90 } as const

/** The ends that a range has at present. */
function endsOf(range: Range): [Date, Date] {
  if (!('name' in range)) return [new Date(range.start), new Date(range.end)]
  const now = Math.floor(Date.now() / 60_000) * 60_000
  return [new Date(now - spans[range.name] * 86_400_000), new Date(now)]
}

/** The two ends of a custom range, and why they cannot be applied. */
function Custom({ range, zone, onClose, onLeave }: { range: Range; zone: Zone; onClose: () => void; onLeave: () => void }) {
  const id = useId()
  const form = useRef<HTMLFormElement>(null)
  const first = useRef<HTMLInputElement>(null)
  const [present] = useState(() => endsOf(range))
  const [ends, setEnds] = useState(() => present.map((at) => toInput(at, zone)) as [string, string])
  useEffect(() => {
    first.current?.focus()
    const elsewhere = (event: Event) => {
      if (!form.current?.parentElement?.contains(event.target as Node)) onLeave()
    }
    document.addEventListener('pointerdown', elsewhere)
    return () => document.removeEventListener('pointerdown', elsewhere)
  }, [])
  // An end that nobody changed is what it was: its minute may come twice that day.
  const [start, end] = ends.map((value, i) => (value === toInput(present[i]!, zone) ? present[i]!.getTime() : fromInput(value, zone))) as [number, number]
  const complete = !Number.isNaN(start) && !Number.isNaN(end)
  const problem = complete ? problemOf(start, end, Date.now()) : undefined
  const submit = (event: Event) => {
    event.preventDefault()
    if (!complete || problem) return
    choose({ range: { start: new Date(start).toISOString(), end: new Date(end).toISOString() } })
    apply()
    onClose()
  }
  const field = (label: string, which: 0 | 1) => (
    <label class="label range-end">
      {label}
      <input
        ref={which === 0 ? first : null} class="field" type="datetime-local" value={ends[which]} required
        aria-invalid={problem !== undefined} aria-describedby={`${id}-problem`}
        onInput={(event) => setEnds(which === 0 ? [event.currentTarget.value, ends[1]] : [ends[0], event.currentTarget.value])}
      />
    </label>
  )
  return (
    <form class="popover" ref={form} aria-label="Custom range" onSubmit={submit}>
      {field('Start', 0)}
      {field('End', 1)}
      <p class="muted">Times are in {zoneName(zone)}.</p>
      <p class="message-error" role="alert" id={`${id}-problem`}>{problem}</p>
      <div class="header-controls">
        <button type="submit" class="button button-primary" data-track-id="range-apply" disabled={!complete || problem !== undefined}>Apply</button>
        <button type="button" class="button" onClick={onClose}>Cancel</button>
      </div>
    </form>
  )
}
