import { useComputed } from '@preact/signals'
import { errors, performance_, series, status, usage } from '../api'
import { denies } from '../failure'
import { loaded } from '../state'
import { Denied } from './Denied'
import { Empty } from './Empty'
import { EndpointView } from './EndpointView'
import { Header } from './Header'
import { Overview } from './Overview'
import { Toast } from './Toast'

const answers = [performance_, usage, series, errors, status]

export function App() {
  const denied = useComputed(() => {
    for (const { value } of answers) if (value.state === 'failed' && denies(value.failure)) return value.failure
    return undefined
  }).value
  return (
    <>
      <Header />
      {denied ? <Denied failure={denied} /> : <Shown />}
      <Toast />
    </>
  )
}

function Shown() {
  const { endpoint } = loaded.value
  const [requests, events] = [performance_.value, usage.value]
  const empty = requests.state === 'done' && requests.value.metrics.total_requests === 0 &&
    events.state === 'done' && events.value.metrics.total_events === 0
  return (
    <>
      {empty ? <Empty /> : <Overview />}
      {endpoint && <EndpointView key={JSON.stringify(endpoint)} {...endpoint} />}
    </>
  )
}
