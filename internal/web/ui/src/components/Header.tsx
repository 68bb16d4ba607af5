export function Header() {
  return <header><h1>Application Metrics</h1></header>
}
