import '@mantine/core/styles.css';
import './app/tokens.css';
import './app/base.css';
import { createRoot } from 'react-dom/client';
import { App } from './app/app.tsx';
import { linkToken } from './data/passing-secrets.ts';

linkToken.take();
const root = document.getElementById('root');
if (root) createRoot(root).render(<App />);
