import { useId } from 'react';
import classes from './ui.module.css';

interface ChoicesProps<Value extends string> {
  readonly label: string;
  /** Of the group of radio buttons. */
  readonly name: string;
  readonly options: readonly { readonly value: Value; readonly label: string }[];
  readonly value: string;
  readonly onChange: (value: Value) => void;
}

/** A few choices beside each other, of which one is chosen. */
export function Choices<Value extends string>({
  label,
  name,
  options,
  value,
  onChange,
}: ChoicesProps<Value>) {
  const id = useId();
  return (
    <div role="radiogroup" aria-labelledby={id}>
      <p className={classes.choicesLabel} id={id}>
        {label}
      </p>
      <div className={classes.choices}>
        {options.map((option) => (
          <label
            key={option.value}
            className={classes.choice}
            data-chosen={option.value === value || undefined}
          >
            <input
              type="radio"
              name={name}
              checked={option.value === value}
              onChange={() => onChange(option.value)}
            />
            {option.label}
          </label>
        ))}
      </div>
    </div>
  );
}
