import { act } from 'preact/test-utils'
import { expect, test } from 'vitest'
import { loads } from './api'
import { useAsked } from './asked'
import { button, render } from './testing/render'

interface Question {
  key: string
  aborted: AbortSignal
  answer: (value: string) => Promise<void>
  fail: (message: string) => Promise<void>
}

/** A component that asks under a key, and the questions it has asked. */
function asking() {
  const questions: Question[] = []
  function Asking({ of }: { of: string | undefined }) {
    const { answer, again } = useAsked<string>({
      key: of,
      ask: (aborted) =>
        new Promise((resolve, reject) => {
          questions.push({
            key: of!,
            aborted,
            answer: (value) => act(async () => resolve(value)),
            fail: (message) => act(async () => reject({ kind: 'network', message })),
          })
        }),
    })
    const previous = answer.state !== 'done' ? (answer.previous ?? 'nothing') : ''
    const said = { loading: `loading, had ${previous}`, failed: answer.state === 'failed' && `${answer.failure.message}, had ${previous}`, done: answer.state === 'done' && answer.value }
    return <><p>{said[answer.state]}</p><button type="button" onClick={again}>again</button></>
  }
  let root = document.body
  return {
    questions,
    show: (of: string | undefined) => (root = render(<Asking of={of} />)),
    again: () => act(() => button(root, 'again').click()),
    said: () => root.querySelector('p')!.textContent,
  }
}

test('what is asked is answered', async () => {
  const page = asking()
  page.show('a')
  expect(page.said()).toBe('loading, had nothing')
  await page.questions[0]!.answer('one')
  expect(page.said()).toBe('one')
})

test('without key nothing is asked', () => {
  const page = asking()
  page.show(undefined)
  expect(page.questions).toHaveLength(0)
  expect(page.said()).toBe('loading, had nothing')
})

test('Refresh asks again and keeps what was there until the new answer', async () => {
  const page = asking()
  page.show('a')
  await page.questions[0]!.answer('one')
  act(() => void (loads.value += 1))
  expect(page.said()).toBe('loading, had one')
  await page.questions[1]!.fail('broken')
  expect(page.said()).toBe('broken, had one')
  page.again()
  await page.questions[2]!.answer('two')
  expect(page.said()).toBe('two')
})

test('a question that is superseded is aborted, and its answer is not shown', async () => {
  const page = asking()
  page.show('a')
  act(() => void (loads.value += 1))
  expect(page.questions.map((question) => question.aborted.aborted)).toEqual([true, false])
  await page.questions[0]!.answer('old')
  expect(page.said()).toBe('loading, had nothing')
  await page.questions[1]!.answer('new')
  expect(page.said()).toBe('new')
})
