import { expect, test } from 'vitest'
import { cellText, toCSV, toTSV } from '../csv'
import { visible } from '../visible'
import { hostile } from './hostile'

test('there are at least 200, each another and one that a database takes', () => {
  expect(hostile.length).toBeGreaterThanOrEqual(200)
  expect(new Set(hostile).size).toBe(hostile.length)
  for (const text of hostile) {
    expect(text).not.toBe('')
    expect(text).not.toMatch(/\0|\p{Cs}/u)
  }
})

test.each(hostile)('%j becomes one visible line', (text) => {
  const shown = visible(text)
  expect(shown).not.toMatch(/[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]/u)
  expect(shown).not.toMatch(/[\p{Mn}\p{Me}]{5}/u)
  expect(visible(shown)).toBe(shown)
})

test.each(hostile)('%j is no formula in a cell, and stays in it', (text) => {
  const cell = cellText(text)
  for (const part of cell.split(';')) expect(part).not.toMatch(/^ *[=+\-@\t\r]/)
  expect(readCSV(toCSV([[text, 1]]))).toEqual([[cell, '1']])
  expect(toTSV([[text, 1]]).split('\n')).toHaveLength(2)
})

/** RFC 4180, read letter by letter. */
function readCSV(file: string): string[][] {
  const rows: string[][] = [['']]
  let quoted = false
  for (let i = 0; i < file.length; i++) {
    const row = rows.at(-1)!
    const add = (letter: string): void => void row.push(row.pop() + letter)
    if (quoted && file.startsWith('""', i)) (add('"'), i++)
    else if (file[i] === '"') quoted = !quoted
    else if (quoted) add(file[i]!)
    else if (file[i] === ',') row.push('')
    else if (file.startsWith('\r\n', i)) (rows.push(['']), i++)
    else add(file[i]!)
  }
  return rows.slice(0, -1)
}
