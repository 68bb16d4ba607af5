import { Header } from './Header'

export function App() {
  return <Header />
}
