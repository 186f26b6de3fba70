import { useEffect, useState } from 'react';

/**
 * When the dialog closes, the focus returns to where it was when the dialog opened, unless the person has moved it: the dialog
 * pattern of ARIA. Mantine does so only for a dialog that stays mounted while it is closed.
 */
export function useFocusReturn(): void {
  const [before] = useState(() => document.activeElement);
  useEffect(
    () => () => {
      const isLost = document.activeElement === null || document.activeElement === document.body;
      if (isLost && before instanceof HTMLElement) before.focus({ preventScroll: true });
    },
    [before],
  );
}
