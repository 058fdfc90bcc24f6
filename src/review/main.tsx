import { render } from 'preact';
import { App } from './app.js';
// oxlint-disable-next-line import/no-unassigned-import -- a style has no value
import './style.css';

const root = document.getElementById('page');
if (root !== null) render(<App />, root);
