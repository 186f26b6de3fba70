import { Checkbox } from '@mantine/core';
import { Fragment, useState } from 'react';
import { Dialog } from '../ui/dialog.tsx';
import { keyNames, SHORTCUTS, type Shortcut, singleKeys } from '../ui/shortcuts.ts';
import classes from './shell.module.css';

const GROUPS = Map.groupBy(
  Object.entries(SHORTCUTS) as [Shortcut, (typeof SHORTCUTS)[Shortcut]][],
  ([, { group }]) => group,
);

/** Every shortcut, and the choice to have no single-key ones. */
export function ShortcutHelp({ onClose }: { onClose: () => void }) {
  const [areOn, setOn] = useState(singleKeys.areOn);
  const change = (value: boolean): void => {
    singleKeys.set(value);
    setOn(value);
  };
  return (
    <Dialog title="Keyboard shortcuts" width={640} onClose={onClose}>
      <Checkbox
        size="xs"
        className={classes.singleKeys}
        label="Shortcuts of single keys, in this browser"
        data-autofocus
        checked={areOn}
        onChange={(event) => change(event.currentTarget.checked)}
      />
      <div className={classes.shortcuts}>
        {[...GROUPS].map(([group, shortcuts]) => (
          <section key={group} aria-label={group}>
            <h3>{group}</h3>
            <dl>
              {shortcuts.map(([shortcut, { label }]) => (
                <Fragment key={shortcut}>
                  <dt>{label}</dt>
                  <dd>
                    <Keys shortcut={shortcut} />
                  </dd>
                </Fragment>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}

/** The keys of a shortcut, each in a box. */
export function Keys({ shortcut }: { shortcut: Shortcut }) {
  return keyNames(shortcut).map((name) => <kbd key={name}>{name}</kbd>);
}
