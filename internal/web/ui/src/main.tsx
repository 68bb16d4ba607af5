import { render } from 'preact'
import './theme.css'
import { followView } from './api'
import { App } from './components/App'
import { followAddress } from './state'
import { followTheme } from './theme'

const root = document.getElementById('app')
if (root) {
  followTheme()
  followAddress()
  followView()
  render(<App />, root)
}
