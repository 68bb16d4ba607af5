import { expect, test } from 'vitest'
import { contrast, fromHex } from './testing/contrast'
import css from './theme.css?raw'

const styles = import.meta.glob<string>('./styles/*.css', { query: '?raw', import: 'default', eager: true })

const themes = ['light', 'dark'] as const
type Theme = (typeof themes)[number]

/** The palette as the page gets it: every variable in both themes. */
const palette = new Map(
  [...css.matchAll(/--([a-z0-9-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);/g)].map(
    ([, name, light, dark]) => [name!, { light: light!, dark: dark! }] as const,
  ),
)

/** Names of the variables below one heading of theme.css. */
function below(heading: string): string[] {
  const block = css.split(`/* ${heading}`)[1]!.split('/*')[0]!
  return [...block.matchAll(/--([a-z0-9-]+):/g)].map(([, name]) => name!)
}

const surfaces = below('surfaces')
const texts = below('text').filter((name) => name !== 'on-accent')
const graphics = below('graphics')

interface Pair {
  on: string
  name: string
  least: number
}

const pairs: Pair[] = [
  ...texts.flatMap((name) => surfaces.map((on) => ({ name, on, least: 4.5 }))),
  { name: 'on-accent', on: 'accent', least: 4.5 },
  ...graphics.flatMap((name) => surfaces.map((on) => ({ name, on, least: 3 }))),
  { name: 'surface', on: 'text', least: 4.5 }, // the toast is upside down
]

const ratio = (pair: Pair, theme: Theme): number =>
  contrast(fromHex(palette.get(pair.name)![theme]), fromHex(palette.get(pair.on)![theme]))

test('the formula gives the ratios that WCAG gives', () => {
  expect(contrast(fromHex('#000000'), fromHex('#ffffff'))).toBeCloseTo(21, 5)
  expect(contrast(fromHex('#777777'), fromHex('#ffffff'))).toBeCloseTo(4.48, 2)
  expect(contrast(fromHex('#ffffff'), fromHex('#ffffff'))).toBe(1)
})

test('every colour of text and graphics is measured', () => {
  expect([surfaces.length, texts.length, graphics.length].every((n) => n > 2)).toBe(true)
  for (const name of [...surfaces, ...texts, ...graphics]) expect(palette.has(name), name).toBe(true)
})

test.each(themes)('text and graphics stand out in the %s theme', (theme) => {
  const low = pairs.filter((pair) => ratio(pair, theme) < pair.least).map((pair) => `${pair.name} on ${pair.on}: ${ratio(pair, theme).toFixed(2)}, least ${pair.least}`)
  expect(low).toEqual([])
})

test('rules take their colours from the palette alone', () => {
  expect(Object.keys(styles).length).toBeGreaterThan(5)
  const colours = Object.values(styles).join('\n').replace(/box-shadow:[^;]*;/g, '').match(/#[0-9a-f]{3,8}\b|rgba?\(|hsla?\(/gi)
  expect(colours).toBeNull()
})

test('docs/palette.md says what is measured', async () => {
  await expect(page()).toMatchFileSnapshot('../../../../docs/palette.md')
})

function page(): string {
  const row = (cells: string[]): string => `| ${cells.join(' | ')} |`
  const table = (head: string, names: string[], least: number, theme: Theme): string[] => [
    row([`${head} (least ${least})`, 'colour', ...surfaces.map((s) => `on \`${s}\``)]),
    row(['---', '---', ...surfaces.map(() => '---:')]),
    ...names.map((name) =>
      row([`\`${name}\``, palette.get(name)![theme], ...surfaces.map((on) => ratio({ name, on, least }, theme).toFixed(2))]),
    ),
    '',
  ]
  return [
    '# Palette of the dashboard',
    '',
    'Contrast ratios as WCAG 2.2 defines them, computed from the variables of [`theme.css`](../internal/web/ui/src/theme.css) by [`theme.test.ts`](../internal/web/ui/src/theme.test.ts), which fails below 4.5 for text and 3.0 for graphics, and when this page is not what it computes (`npx vitest run src/theme.test.ts -u` in `internal/web/ui` writes it anew). Lines differ by dashes and bars by place too, so that nothing is said by colour alone.',
    '',
    ...themes.flatMap((theme) => [
      theme === 'light' ? '## Light' : '## Dark',
      '',
      `Surfaces: ${surfaces.map((s) => `\`${s}\` ${palette.get(s)![theme]}`).join(', ')}. Text of buttons: \`on-accent\` ${palette.get('on-accent')![theme]} on \`accent\`, ${ratio({ name: 'on-accent', on: 'accent', least: 4.5 }, theme).toFixed(2)}.`,
      '',
      ...table('text', texts, 4.5, theme),
      ...table('graphics', graphics, 3, theme),
    ]),
  ].join('\n')
}
