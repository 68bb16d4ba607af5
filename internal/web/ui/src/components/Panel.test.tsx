import { render as draw } from 'preact'
import { act } from 'preact/test-utils'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Asked } from '../api'
import { button, press, render } from '../testing/render'
import { Panel } from './Panel'
import { noWords, Page, Spoken } from './Spoken'

let words = noWords()

beforeEach(() => {
  vi.useFakeTimers()
  words = noWords()
})
afterEach(() => vi.useRealTimers())

const retry = vi.fn()

function panel(answer: Asked<number[]>): HTMLElement {
  const root = render(
    <Panel
      title="Traffic" testid="panel-traffic" answer={answer} empty={(values) => values.length === 0} onRetry={retry}
      summary={(values) => `${values.length} values`} table={(values) => [['Value'], ...values.map((value) => [value])]}
    >
      {(values) => <p id="drawn">{values.join(' ')}</p>}
    </Panel>,
  )
  return root.querySelector<HTMLElement>('[data-testid="panel-traffic"]')!
}

/** Panels 0, 1, … and what is heard of them, where such panels were drawn before. */
function panels(answers: Asked<number[]>[]): HTMLElement {
  const place = document.body.firstElementChild as HTMLElement
  act(() =>
    draw(
      <Page.Provider value={words}>
        {answers.map((answer, i) => (
          <Panel key={i} title="Traffic" testid={`panel-${i}`} answer={answer} empty={() => false} onRetry={retry}>{() => null}</Panel>
        ))}
        <p class="heard"><Spoken /></p>
      </Page.Provider>,
      place,
    ),
  )
  return place
}

const loading = (previous?: number[]): Asked<number[]> => ({ state: 'loading', since: Date.now(), ...(previous && { previous }) })
const unavailable = { kind: 'unavailable', message: 'Data temporarily unavailable', correlationId: 'c-1' } as const

test('a skeleton at first, and after two seconds that it is calculated', () => {
  const root = panel(loading())
  expect([root.dataset['state'], root.ariaBusy ?? root.getAttribute('aria-busy')]).toEqual(['loading', 'true'])
  expect(root.querySelector('.skeleton')).not.toBeNull()
  act(() => void vi.advanceTimersByTime(1_999))
  expect(root.textContent).not.toContain('Calculating...')
  act(() => void vi.advanceTimersByTime(1))
  expect([root.dataset['state'], root.textContent]).toEqual(['calculating', expect.stringContaining('Calculating...')])
})

test('each state is drawn anew: what changes its place within an element counts as a shift of the page', () => {
  const root = panel(loading())
  const skeleton = root.querySelector('.skeleton')
  act(() => void vi.advanceTimersByTime(2_000))
  expect(root.querySelector('.panel-state')).not.toBe(skeleton)
  expect(skeleton?.isConnected).toBe(false)
})

test('an answer, with its summary in words', () => {
  const root = panel({ state: 'done', value: [1, 2], at: new Date() })
  expect([root.dataset['state'], root.querySelector('#drawn')?.textContent]).toEqual(['done', '1 2'])
  expect(document.getElementById(root.getAttribute('aria-describedby')!)?.textContent).toBe('2 values')
})

test('an answer as a table, and back', () => {
  const root = panel({ state: 'done', value: [41, 42], at: new Date() })
  press(root, 'Show as table')
  expect([root.querySelector('#drawn'), root.querySelector('table')?.textContent]).toEqual([null, expect.stringContaining('42')])
  press(root, 'Show as table')
  expect(root.querySelector('table')).toBeNull()
})

test('an answer that holds nothing', () => {
  const root = panel({ state: 'done', value: [], at: new Date() })
  expect([root.dataset['state'], root.querySelector('.panel-body')?.textContent]).toEqual(['empty', 'No data available'])
  expect(root.querySelector('button')).toBeNull()
})

test('a failure says what failed, and asks again when told to', () => {
  const root = panel({ state: 'failed', failure: unavailable })
  expect([root.dataset['state'], root.querySelector('.panel-error')?.textContent]).toEqual(['unavailable', 'Data temporarily unavailable'])
  expect(root.textContent).toContain('c-1')
  press(root, 'Try again')
  expect(retry).toHaveBeenCalledOnce()
})

test('what was answered before stays while it is asked again, and when that fails', () => {
  expect(panel(loading([7])).querySelector('#drawn')?.textContent).toBe('7')
  const failed = panel({ state: 'failed', failure: unavailable, previous: [7] })
  expect([failed.querySelector('#drawn')?.textContent, failed.querySelector('.panel-error')?.textContent]).toEqual(['7', 'Data temporarily unavailable'])
})

test('the focus stays in the panel when what had it goes', () => {
  render(null)
  button(panels([{ state: 'failed', failure: unavailable }]), 'Try again').focus()
  panels([loading()])
  expect(document.activeElement?.getAttribute('data-testid')).toBe('panel-0')
})

test('panels that fail alike are heard once, when none is waited for any longer', () => {
  const failed: Asked<number[]> = { state: 'failed', failure: unavailable }
  const done: Asked<number[]> = { state: 'done', value: [1], at: new Date() }
  render(null)
  const heard = (...answers: Asked<number[]>[]): string | null | undefined => panels(answers).querySelector('.heard')?.textContent
  expect(heard(failed, failed, loading())).toBe('')
  act(() => void vi.advanceTimersByTime(2_000))
  expect(document.querySelector('.heard')?.textContent).toBe('Calculating...')
  expect(heard(failed, failed, done)).toBe('Data temporarily unavailable: 2 of 3 panels.')
  expect(heard(done, failed)).toBe('Data temporarily unavailable: 1 of 2 panels.')
  expect(heard(done)).toBe('')
  expect(document.querySelectorAll('[role=alert], [role=status]')).toHaveLength(0)
})
