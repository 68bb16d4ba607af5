import { expect, test } from 'vitest'
import examples from '../../../text/testdata/examples.json'
import { escaped, visible } from './visible'

test.each(examples.terminal)('$want in files, as in the report', ({ in: text, want }) => {
  expect(escaped(text)).toBe(want)
  expect(escaped(want)).toBe(want)
})

test.each([
  ['letters', 'Zürich 日本語 हिन्दी ไทย 한글 שלום Ελλάδα', 'Zürich 日本語 हिन्दी ไทย 한글 שלום Ελλάδα'],
  ['an accent', 'e\u0301', 'e\u0301'],
  ['a flag', '🇩🇪', '🇩🇪'],
  ['a family', '👩\u200d👩\u200d👧', '👩\u200d👩\u200d👧'],
  ['a skin tone', '👍🏽', '👍🏽'],
  ['a red heart', '❤\ufe0f!', '❤\ufe0f!'],
  ['a joiner between letters', 'a\u200db', 'a\\u200db'],
  ['a joiner behind an emoji', '👩\u200d', '👩\\u200d'],
  ['two selectors', '❤\ufe0f\ufe0f', '❤\ufe0f\\ufe0f'],
  ['a reversed name', '/a\u202egpj.exe', '/a\\u202egpj.exe'],
  ['an escape sequence', '\u001b[2J', '\\x1b[2J'],
  ['line breaks', 'a\r\nb\u2028c', 'a\\r\\nb\\u2028c'],
  ['half a character', 'a\ud83d', 'a\\ud83d'],
  ['a tower of marks', 'e\u0301\u0301\u0301\u0301\u0301', 'e\\u0301\\u0301\\u0301\\u0301\\u0301'],
  ['a mark without a letter', '\u0301x\n\u0301', '\\u0301x\\n\\u0301'],
  ['HTML, which text nodes hold as text', '<b onclick="x()">&amp;', '<b onclick="x()">&amp;'],
])('the page shows %s', (_, text, want) => {
  expect(visible(text)).toBe(want)
  expect(visible(want)).toBe(want)
})
