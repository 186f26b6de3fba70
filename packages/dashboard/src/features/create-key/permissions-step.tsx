import { SegmentedControl } from '@mantine/core';
import { PermissionPicker } from '../../pickers/permission-picker.tsx';
import { CopyFromKey } from './copy-from-key.tsx';
import classes from './create.module.css';
import type { CreateFormState } from './create-dialog.tsx';
import type { Preset } from './draft.ts';

const PRESETS: readonly { value: Preset; label: string }[] = [
  { value: 'none', label: 'None' },
  { value: 'read', label: 'Read only' },
  { value: 'same', label: 'Same as me' },
  { value: 'custom', label: 'Custom' },
];

/** What the new key may do. A change by hand switches to `Custom`, whose choice is kept when a preset is tried. */
export function PermissionsStep({ form }: { form: CreateFormState }) {
  const { draft, change, chosen, grant, resources } = form;
  return (
    <PermissionPicker
      leading={
        <div className={classes.leading}>
          <SegmentedControl
            aria-label="Preset"
            data={[...PRESETS]}
            value={draft.preset}
            onChange={(preset) => change({ preset: preset as Preset })}
          />
          <CopyFromKey form={form} />
        </div>
      }
      resources={resources}
      chosen={chosen}
      reasonFor={grant.reasonFor}
      onChange={(custom) => change({ preset: 'custom', custom })}
    />
  );
}
