/** The range of the draft: quick choices and a custom span. */
export function RangePicker() {
  return <div data-testid="range-picker" />
}
