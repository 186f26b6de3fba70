import type { ExceedingKeyBody } from '@latchkey/contract';
import { Choices } from './choices.tsx';
import { byLastUse, KeyList } from './key-list.tsx';
import { plural } from './numbers.ts';

const CHOICES = [
  { value: 'keep', label: 'Keep them' },
  { value: 'revoke', label: 'Revoke them' },
] as const;

interface ExceedingKeysProps {
  /** The keys that would exceed the role of their owner; undefined until the service has tried the change. */
  readonly keys: readonly ExceedingKeyBody[] | undefined;
  readonly isRevoked: boolean;
  readonly onChange: (isRevoked: boolean) => void;
}

/** The keys that a change of a role would leave with more than their owners hold, and what becomes of them. */
export function ExceedingKeys({ keys = [], isRevoked, onChange }: ExceedingKeysProps) {
  if (keys.length === 0) return null;
  return (
    <>
      <p>{plural(keys.length, 'key', 'keys')} would hold permissions that this role does not have:</p>
      <KeyList keys={keys.toSorted(byLastUse)} total={keys.length} />
      <Choices
        label="These keys"
        name="exceeding"
        options={CHOICES}
        value={isRevoked ? 'revoke' : 'keep'}
        onChange={(choice) => onChange(choice === 'revoke')}
      />
    </>
  );
}
