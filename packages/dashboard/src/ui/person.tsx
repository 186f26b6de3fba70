import classes from './ui.module.css';

/** The first letters of the first and the last word of a name. */
export function initialsOf(name: string): string {
  const words = name.trim().split(/\s+/u);
  const letters = words.length > 1 ? [words[0], words.at(-1)] : [words[0]];
  return letters
    .map((word) => Array.from(word ?? '')[0] ?? '')
    .join('')
    .toUpperCase();
}

export function Initials({ name }: { name: string }) {
  return (
    <span className={classes.initials} aria-hidden>
      {initialsOf(name)}
    </span>
  );
}

/** The initials and the name of a person. */
export function Person({ name }: { name: string }) {
  return (
    <span className={classes.person}>
      <Initials name={name} />
      <Name text={name} />
    </span>
  );
}

/** A name that a person chose: one line, isolated from the direction of the text around it. */
export function Name({ text }: { text: string }) {
  return (
    <bdi className={classes.name} title={text}>
      {text}
    </bdi>
  );
}
