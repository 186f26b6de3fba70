import { IconKey } from '../ui/icons.ts';
import classes from './shell.module.css';

export function Mark() {
  return (
    <span className={classes.mark} aria-hidden>
      <IconKey size={17} stroke={2} />
    </span>
  );
}
