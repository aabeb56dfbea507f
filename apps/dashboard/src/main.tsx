// How does the page start?
import { render } from 'preact';
import { Shell } from './shell/shell.tsx';
import { followTheme } from './shell/theme.ts';
import './styles/tokens.css';
import './styles/base.css';
import './styles/parts.css';

followTheme();
const place = document.getElementById('page');
if (place) render(<Shell />, place);
