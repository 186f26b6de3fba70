import type { ApiKeyBody } from '@latchkey/contract';
import { useState } from 'react';

/** The selected keys, also those of other pages. */
export interface Selection {
  readonly keys: ReadonlyMap<string, ApiKeyBody>;
  readonly set: (keys: readonly ApiKeyBody[], isSelected: boolean) => void;
  readonly replace: (keys: readonly ApiKeyBody[]) => void;
}

const byId = (keys: readonly ApiKeyBody[]) => new Map(keys.map((key) => [key.id, key]));

export function useSelection(): Selection {
  const [keys, setKeys] = useState<ReadonlyMap<string, ApiKeyBody>>(new Map());
  return {
    keys,
    set(changed, isSelected) {
      setKeys((before) => {
        const after = new Map([...before, ...byId(changed)]);
        if (!isSelected) for (const { id } of changed) after.delete(id);
        return after;
      });
    },
    replace: (all) => setKeys(byId(all)),
  };
}
