import { Link } from '@tanstack/react-router';
import classes from './message.module.css';

export function NotFound() {
  return (
    <main className={classes.message}>
      <h1>There is no such page</h1>
      <p>Check the address, or go to the list of keys.</p>
      <Link to="/keys">Keys</Link>
    </main>
  );
}
