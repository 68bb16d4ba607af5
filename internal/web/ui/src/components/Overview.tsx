/** Cards and panels of the whole range. */
export function Overview() {
  return <main />
}
