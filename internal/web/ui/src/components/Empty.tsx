/** What to do when there is nothing to see yet. */
export function Empty() {
  return <div>No data available</div>
}
