import { useEffect, useRef } from 'preact/hooks'
import { denied, loading, performance_, refresh, status, valueOf, type Status } from '../api'
import { brief, count, date, zoneName } from '../format'
import { choose, draft, loaded, open, pending } from '../state'
import { switchTheme, theme } from '../theme'
import { visible } from '../visible'
import type { Zone } from '../view'
import { RangePicker } from './RangePicker'
import { toast } from './Toast'

/** What is asked: the controls change the draft, and Refresh shows it. */
export function Header() {
  return (
    <header class="header">
      <h1>Application Metrics</h1>
      <nav aria-label="Main">
        <a href={location.pathname} aria-current="page" data-testid="metrics-nav-link" data-track-id="metrics">Metrics</a>
      </nav>
      <div class="header-controls">
        <AppChoice />
        <RangePicker />
        <Check label="Compare" testid="compare-toggle" checked={draft.value.compare} onChange={(compare) => choose({ compare })} />
        <Check
          label="Include Anonymous Users" testid="anonymous-toggle"
          checked={draft.value.anonymous} onChange={(anonymous) => choose({ anonymous })}
        />
        <Refresh />
      </div>
      <div class="header-end">
        <Times />
        <ZoneSwitch />
        <ThemeSwitch />
      </div>
    </header>
  )
}

function AppChoice() {
  const { app } = draft.value
  const known = valueOf(status.value)?.apps ?? []
  const apps = app === '' || known.includes(app) ? known : [app, ...known]
  return (
    <select
      class="select" aria-label="App" data-testid="app-select" data-track-id="app"
      value={app} onChange={(event) => choose({ app: event.currentTarget.value })}
    >
      <option value="">All apps</option>
      {apps.map((name) => <option key={name} value={name}>{visible(name)}</option>)}
    </select>
  )
}

interface CheckProps {
  label: string
  testid: string
  checked: boolean
  onChange: (checked: boolean) => void
}

function Check({ label, testid, checked, onChange }: CheckProps) {
  return (
    <label class="check">
      <input type="checkbox" data-testid={testid} checked={checked} onChange={(event) => onChange(event.currentTarget.checked)} />
      {label}
    </label>
  )
}

async function refreshOrSay(): Promise<void> {
  if (!(await refresh()) && !denied.peek()) toast('Failed to refresh metrics. Please try again.')
}

function Refresh() {
  const button = useRef<HTMLButtonElement>(null)
  const pressed = useRef(false)
  const working = loading.value
  useEffect(() => {
    if (working || !pressed.current) return
    pressed.current = false
    // A button that is disabled loses the focus: whoever pressed it by keyboard would start at the top again.
    if (document.activeElement === document.body) button.current?.focus()
  }, [working])
  return (
    <button
      ref={button} type="button" data-testid="refresh-button" data-track-id="refresh" disabled={working}
      class={`button refresh ${pending.value ? 'button-primary' : ''}`}
      onClick={() => {
        pressed.current = true
        void refreshOrSay()
      }}
    >
      {working ? 'Refreshing...' : 'Refresh'}
    </button>
  )
}

/** When the panels were loaded, and up to when their data is whole. */
function Times() {
  const { zone, range } = loaded.value
  const { at } = performance_.value
  const health = valueOf(status.value)
  const complete = health?.complete_up_to
  const away = health?.database_away_since
  return (
    <div class="header-status">
      {'start' in range && (
        <p data-testid="span" title={`${date(range.start, zone)} – ${date(range.end, zone)}`}>{brief(range.start, zone)} – {brief(range.end, zone)}</p>
      )}
      <p data-testid="loaded-at" aria-live="polite">{at && `Last loaded at ${time(at, zone, true)}`}</p>
      <p data-testid="complete-up-to">{complete && `Data complete up to ${time(new Date(complete), zone, false)}`}</p>
      {away && <p class="bad" data-testid="database-away">Database away since {time(new Date(away), zone, false)}{waiting(health)}</p>}
    </div>
  )
}

/** What waits for a database that is away. */
function waiting({ queue, spool }: Status): string {
  const samples = queue.depth + (spool?.samples ?? 0)
  if (samples === 0) return ''
  const where = queue.depth === 0 ? 'on disk' : queue.depth === samples ? 'in memory' : `(${count(queue.depth)} in memory)`
  return `; ${samples === 1 ? '1 sample waits' : `${count(samples)} samples wait`} ${where}`
}

/** The time of day with its zone, and the day when that is another than today's. */
function time(at: Date, zone: Zone, exact: boolean): string {
  const [day, minutes, name] = date(at, zone).split(' ')
  const [today] = date(new Date(), zone).split(' ')
  const seconds = exact ? `:${String(at.getSeconds()).padStart(2, '0')}` : ''
  return `${day === today ? '' : `${day} `}${minutes}${seconds} ${name}`
}

function ZoneSwitch() {
  const utc = loaded.value.zone === 'utc'
  const here = zoneName('local')
  return (
    <button
      type="button" class="button button-quiet" data-testid="zone-switch" data-track-id="zone" aria-pressed={utc}
      title={utc ? `Show times in ${here}` : `Times are in ${here}; show them in UTC`}
      onClick={() => open({ zone: utc ? 'local' : 'utc' })}
    >
      UTC
    </button>
  )
}

function ThemeSwitch() {
  const dark = theme() === 'dark'
  const label = dark ? 'Light colours' : 'Dark colours'
  return (
    <button
      type="button" class="button button-quiet button-icon" data-testid="theme-switch" data-track-id="theme"
      aria-label={label} title={label} onClick={switchTheme}
    >
      <svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true" fill="currentColor">
        <path d="M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1Zm0 1.5v11a5.5 5.5 0 0 1 0-11Z" />
      </svg>
    </button>
  )
}
