import { denied, performance_, usage, valueOf } from '../api'
import { useKeptFocus } from '../focus'
import { loaded } from '../state'
import { Denied } from './Denied'
import { Empty } from './Empty'
import { EndpointView } from './EndpointView'
import { Header } from './Header'
import { Overview } from './Overview'
import { Toast } from './Toast'

const main = (): HTMLElement | null => document.querySelector('main')

export function App() {
  const failure = denied.value
  useKeptFocus(main)
  return (
    <>
      <Header />
      {failure ? <Denied failure={failure} /> : <Shown />}
      <Toast />
    </>
  )
}

function Shown() {
  const { endpoint } = loaded.value
  useKeptFocus(main)
  const empty = valueOf(performance_.value)?.metrics.total_requests === 0 && valueOf(usage.value)?.metrics.total_events === 0
  return (
    <>
      {empty ? <Empty /> : <Overview />}
      {endpoint && <EndpointView key={JSON.stringify(endpoint)} {...endpoint} />}
    </>
  )
}
