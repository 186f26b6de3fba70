type Facts = Readonly<Record<string, unknown>> | null;

/** A field of the target that a change set, added, or took away. */
export interface FieldChange {
  readonly field: string;
  readonly was: readonly string[];
  readonly is: readonly string[];
  /** Of a list, the number of values that stayed. */
  readonly unchanged: number;
}

/** What differs between the facts before and after a change, as texts. Of a list, only what was added and removed. */
export function changesOf(before: Facts, after: Facts): readonly FieldChange[] {
  const fields = new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})]);
  return [...fields]
    .filter((field) => !(isNone(before?.[field]) && isNone(after?.[field])))
    .map((field) => changeOf(field, before?.[field], after?.[field]))
    .filter(differs);
}

function changeOf(field: string, was: unknown, is: unknown): FieldChange {
  if (!Array.isArray(was) && !Array.isArray(is))
    return { field, was: textsOf(was), is: textsOf(is), unchanged: 0 };
  const [old, now] = [listOf(was), listOf(is)];
  const removed = old.filter((one) => !now.includes(one));
  const added = now.filter((one) => !old.includes(one));
  return {
    field,
    was: removed.map((one) => `− ${one}`),
    is: added.map((one) => `+ ${one}`),
    unchanged: old.length - removed.length,
  };
}

const differs = ({ was, is }: FieldChange): boolean => was.join() !== is.join();
const listOf = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.map(textOf) : textsOf(value);
const textsOf = (value: unknown): readonly string[] => (value === undefined ? [] : [textOf(value)]);
const isNone = (value: unknown): boolean => value === undefined || value === null;

function textOf(value: unknown): string {
  if (value === null) return 'none';
  if (typeof value !== 'object') return String(value);
  return Object.entries(value)
    .map(([name, one]) => `${name}: ${textOf(one)}`)
    .join(', ');
}
