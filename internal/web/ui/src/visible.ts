// Untrusted text on its way to the page or into a file. Neither function is
// about HTML: text reaches the page as text nodes only. They show what would
// otherwise hide, reverse or paint over what stands around it.

/** Controls, bidirectional and zero-width characters, spaces other than U+0020, private and unassigned code points. */
const hidden = /(?! )[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}]/gu

/** Combining marks and what they stand on. */
const marked = /([^\p{Mn}\p{Me}]?)([\p{Mn}\p{Me}]+)/gu

/** Vietnamese, Thai, Hebrew and Hindi need three marks at most; towers of them paint over the lines above. */
const mostMarks = 4

/** An emoji that a joiner, a selector or a skin tone makes from others. */
const emoji = /\p{Extended_Pictographic}[\ufe0f\u{1f3fb}-\u{1f3ff}]?(?:\u200d\p{Extended_Pictographic}[\ufe0f\u{1f3fb}-\u{1f3ff}]?)*/gu
const skinTone = /(?<=\p{Extended_Pictographic})[\u{1f3fb}-\u{1f3ff}]/gu

const plain = /^[ -~]*$/

/**
 * Text for the page: one line in which every character shows itself. Those that
 * do not are escaped as in Go, \n, \x1b, \u202e, and so are marks without a
 * letter and towers of them. Emoji stay whole.
 */
export function visible(text: string): string {
  if (plain.test(text)) return text
  let result = ''
  let end = 0
  for (const match of text.matchAll(emoji)) {
    result += escapeHidden(text.slice(end, match.index)) + match[0]
    end = match.index + match[0].length
  }
  return result + escapeHidden(text.slice(end))
}

/** Text for files and the clipboard, which may end up on a terminal: visible text, emoji of one code point only. */
export function escaped(text: string): string {
  return plain.test(text) ? text : escapeHidden(text.replace(skinTone, escapeAll))
}

function escapeHidden(text: string): string {
  return text
    .replace(marked, (all, base: string, marks: string) => {
      const stands = base !== '' && (base === ' ' || !base.match(hidden))
      return stands && [...marks].length <= mostMarks ? all : base + escapeAll(marks)
    })
    .replace(hidden, escapeAll)
}

const escapeAll = (text: string): string => [...text].map(escapeOne).join('')

function escapeOne(character: string): string {
  const short = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }[character]
  if (short) return short
  const code = character.codePointAt(0) ?? 0
  const digits = code.toString(16)
  if (code < 0x80) return `\\x${digits.padStart(2, '0')}`
  return code <= 0xffff ? `\\u${digits.padStart(4, '0')}` : `\\U${digits.padStart(8, '0')}`
}
